-- wixlint for Neovim 0.7 to 0.10: belongs into init.lua.
local started = {}

vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  pattern = { '*.wxs', '*.wxi' },
  callback = function(event)
    vim.bo[event.buf].filetype = 'xml'
    local folder = vim.fn.fnamemodify(event.file, ':p:h')
    local mark = vim.fn.findfile('wixlint.toml', folder .. ';')
    local root = mark ~= '' and vim.fn.fnamemodify(mark, ':p:h') or folder
    started[root] = started[root] or vim.lsp.start_client({
      name = 'wixlint',
      cmd = { 'wixlint', 'server' },
      root_dir = root,
      on_exit = function() started[root] = nil end,
    })
    vim.lsp.buf_attach_client(event.buf, started[root])
  end,
})

-- Repairs what is safe to repair before a file is written.
vim.api.nvim_create_autocmd('BufWritePre', {
  pattern = { '*.wxs', '*.wxi' },
  callback = function(event)
    local asked = vim.lsp.util.make_range_params()
    asked.context = { only = { 'source.fixAll.wixlint' }, diagnostics = {} }
    local answers = vim.lsp.buf_request_sync(event.buf, 'textDocument/codeAction', asked, 2000)
    for id, answer in pairs(answers or {}) do
      for _, action in ipairs(answer.result or {}) do
        vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(id).offset_encoding)
      end
    end
  end,
})
