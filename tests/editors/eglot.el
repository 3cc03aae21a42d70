;;; Does with Eglot what a user does, and writes down what there was to see.  -*- lexical-binding: t; coding: utf-8 -*-
(load (expand-file-name "emacs.el" (file-name-directory load-file-name)) nil t)
(package-initialize)
(story-need 'eglot)
(load (getenv "SETTINGS") nil t)

(defun story-open (name)
  "Visit a file, go to its first diagnostic, and write that down."
  (find-file name)
  (run-hooks 'post-command-hook) ; where Eglot starts: there are no commands in a batch
  (story-wait "a connection" (lambda () (eglot-managed-p)))
  (let ((found (story-wait (concat "diagnostics of " name)
                           (lambda () (flymake-start) (car (flymake-diagnostics))))))
    (story-note :diagnostics name
                (buffer-substring-no-properties (flymake-diagnostic-beg found) (flymake-diagnostic-end found)))
    (goto-char (flymake-diagnostic-beg found))))

(defun story-act (name word &optional kind)
  "Choose an action at point."
  (story-choosing name word (lambda () (eglot-code-actions (point) nil kind t))))

(story-tell
 (lambda ()
   (story-open "tides.py")
   (story-act "tides.py" "Move the loss into the tape")
   (story-save "tides.py")
   (story-open "saved.py")
   (story-act "saved.py" "Fix all" "source.fixAll.gradfix")
   (story-save "saved.py")
   (story-open "ignored.py")
   (story-act "ignored.py" "Ignore")
   (story-save "ignored.py")
   (find-file "tides.py")
   (goto-char (point-min))
   (search-forward "tape.gradient")
   (eglot-hover-eldoc-function
    (lambda (text &rest _) (setq story-seen (plist-put story-seen :hover (substring-no-properties text)))))
   (story-wait "a hover" (lambda () (plist-get story-seen :hover)))
   (story-open "endless.py")
   (story-act "endless.py" "Move the loss into the tape")
   (sleep-for 1) ; so that the run, which the end is to end as well, has begun
   (eglot-shutdown-all)))
