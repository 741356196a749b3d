;; wixlint for Emacs 26.1 and later with Eglot, which Emacs 29 brings and GNU ELPA has for older ones.
(require 'eglot)

;; A mode of its own, so that other XML needs no server.
(define-derived-mode wix-mode nxml-mode "WiX")
(add-to-list 'auto-mode-alist '("\\.wx[si]\\'" . wix-mode))
(add-to-list 'eglot-server-programs '(wix-mode . ("wixlint" "server")))
(add-hook 'wix-mode-hook #'eglot-ensure)

;; Repairs what is safe to repair before a file is written.
(defun wixlint-fix-all ()
  (when (and (derived-mode-p 'wix-mode) (eglot-current-server))
    (ignore-errors
      (eglot-code-actions (point-min) (point-max) "source.fixAll.wixlint" t))))
(add-hook 'before-save-hook #'wixlint-fix-all)
