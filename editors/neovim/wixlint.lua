-- wixlint for Neovim 0.11 and later: belongs into init.lua.
vim.filetype.add({ extension = { wxs = 'xml', wxi = 'xml' } })

vim.lsp.config('wixlint', {
  cmd = { 'wixlint', 'server' },
  filetypes = { 'xml' },
  root_dir = function(buffer, start)
    -- Other XML needs no server.
    local path = vim.api.nvim_buf_get_name(buffer)
    if path:match('%.wx[si]$') then
      start(vim.fs.root(buffer, { 'wixlint.toml', '.git' }) or vim.fs.dirname(path))
    end
  end,
})
vim.lsp.enable('wixlint')

-- Repairs what is safe to repair before a file is written.
vim.api.nvim_create_autocmd('BufWritePre', {
  pattern = { '*.wxs', '*.wxi' },
  callback = function(event)
    local client = vim.lsp.get_clients({ bufnr = event.buf, name = 'wixlint' })[1]
    if not client then return end
    local asked = vim.lsp.util.make_range_params(0, client.offset_encoding)
    asked.context = { only = { 'source.fixAll.wixlint' }, diagnostics = {} }
    local answer = client:request_sync('textDocument/codeAction', asked, 2000, event.buf)
    for _, action in ipairs(answer and answer.result or {}) do
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
    end
  end,
})
