local folder = vim.env.FOLDER
local function text(path)
  local file = assert(io.open(path, 'rb'))
  local all = file:read('*a')
  file:close()
  return all
end
local function write(name, what)
  local file = assert(io.open(folder .. '/' .. name, 'wb'))
  file:write(what)
  file:close()
end
local function await(what, holds)
  if not vim.wait(20000, holds, 20) then
    io.stderr:write(what .. ' does not come\n')
    vim.cmd('cquit')
  end
end

vim.cmd('edit ' .. vim.fn.fnameescape(folder .. '/Join.wxs'))
await('a finding', function() return #vim.diagnostic.get(0) > 0 end)
local shown = vim.tbl_map(function(finding)
  return (finding.lnum + 1) .. ': ' .. finding.message:match('[^\n]*') .. '\n'
end, vim.diagnostic.get(0))
write('shown.txt', table.concat(shown))

vim.cmd('write')
write('saved.txt', text(folder .. '/Join.wxs'))
await('peace', function() return #vim.diagnostic.get(0) == 0 end)

vim.fn.search('Id="Join"')
vim.fn.search('Join')
vim.lsp.buf.rename('Enlist')
await('the new name', function() return vim.fn.search('Enlist', 'nw') > 0 end)
vim.cmd('wall')
vim.cmd('qall')
