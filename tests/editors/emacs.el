;;; What the drivers of Emacs's two clients share.  -*- lexical-binding: t; coding: utf-8 -*-
(require 'cl-lib)
(require 'json)
(setq make-backup-files nil
      create-lockfiles nil
      last-nonmenu-event ?x ; nothing is chosen with a mouse
      native-comp-deferred-compilation nil ; of a new home, nothing would be compiled yet
      comp-enable-subr-trampolines nil)

(defvar story-seen (list :diagnostics nil :titles nil :error nil))

(defun story-need (library)
  "Load LIBRARY, or write down that it is missing and end."
  (unless (require library nil t)
    (write-region (json-encode (list :missing (symbol-name library))) nil (getenv "SEEN"))
    (kill-emacs)))

(defun story-wait (what holds)
  "Wait until HOLDS returns something, and return it."
  (let ((end (+ (float-time) 90)) found)
    (while (not (setq found (funcall holds)))
      (when (> (float-time) end)
        (error "In vain: %s" what))
      (accept-process-output nil 0.05))
    found))

(defun story-note (kind name value)
  "Write down a VALUE of a file."
  (setq story-seen (plist-put story-seen kind (cons (cons (intern name) value) (plist-get story-seen kind)))))

(defun story-choosing (name word act)
  "Call ACT, and choose in its menu what has WORD in its title."
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt items &rest _)
               (let ((titles (all-completions "" items)))
                 (story-note :titles name (vconcat titles))
                 (or (cl-find-if (lambda (title) (string-search word title)) titles)
                     (error "No action with %s in %s" word titles))))))
    (funcall act)))

(defun story-save (name)
  "Wait for an edit of the buffer, and save it."
  (story-wait (concat "an edit of " name) #'buffer-modified-p)
  (save-buffer))

(defun story-tell (story)
  "Call STORY, and write down what was seen."
  (condition-case failure
      (let ((inhibit-message nil))
        (funcall story))
    ((debug error) (setq story-seen (plist-put story-seen :error (format "%S" failure)))))
  (let ((coding-system-for-write 'utf-8))
    (write-region (json-encode story-seen) nil (getenv "SEEN"))))
