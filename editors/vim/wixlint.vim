" wixlint for Vim and Neovim without a language server: belongs into the vimrc.
autocmd BufWritePost *.wxs,*.wxi ++nested
  \ silent execute '!wixlint --fix --quiet --exit-zero --filter %:p:S %:p:h:S' | silent edit
