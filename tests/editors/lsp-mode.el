;;; Does with lsp-mode what a user does, and writes down what there was to see.  -*- lexical-binding: t; coding: utf-8 -*-
(load (expand-file-name "emacs.el" (file-name-directory load-file-name)) nil t)
(package-initialize)
(story-need 'lsp-mode)
(load (getenv "SETTINGS") nil t)
(setq lsp-session-file (expand-file-name "session" (getenv "HOME"))
      lsp-enable-file-watchers nil) ; a batch reads no such events, and with some unread sees no process end
(lsp-workspace-folders-add default-directory) ; what lsp-mode asks a user for at the first file

(defun story-open (name)
  "Visit a file, go to its first diagnostic, and write that down."
  (find-file name)
  (let* ((found (story-wait (concat "diagnostics of " name)
                            (lambda () (ignore-errors (elt (lsp--get-buffer-diagnostics) 0)))))
         (region (lsp--range-to-region (lsp:diagnostic-range found))))
    (story-note :diagnostics name (buffer-substring-no-properties (car region) (cdr region)))
    (goto-char (car region))))

(defun story-act (name word)
  "Choose an action at point."
  (story-choosing name word (lambda () (call-interactively #'lsp-execute-code-action))))

(story-tell
 (lambda ()
   (let ((before-save-hook nil))
     (story-open "tides.py")
     (story-act "tides.py" "Move the loss into the tape")
     (story-save "tides.py"))
   (story-open "saved.py")
   (let ((before (buffer-string)))
     (set-buffer-modified-p t)
     (save-buffer)
     (setq story-seen (plist-put story-seen :at_save (if (equal before (buffer-string)) "later" "at once")))
     (story-wait "a fix when saved" (lambda () (not (equal before (buffer-string)))))
     (let ((before-save-hook nil))
       (save-buffer))) ; for a fix that came later
   (let ((before-save-hook nil))
     (story-open "ignored.py")
     (story-act "ignored.py" "Ignore")
     (story-save "ignored.py"))
   (story-open "endless.py")
   (call-interactively #'gradfix-check)
   (sleep-for 1) ; so that the run, which the end is to end as well, has begun
   (mapc #'lsp-workspace-shutdown (lsp-workspaces))
   (story-wait "the server's end" (lambda () (null (lsp-workspaces))))))
