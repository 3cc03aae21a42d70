-- Does in Neovim (0.7 and later) what a user does, and writes down what there was to see.
local seen = { diagnostics = {}, titles = {}, said = {} }

local function wait(what, holds)
  if not vim.wait(90000, holds, 50) then
    error("in vain: " .. what)
  end
end

local function open(name)
  vim.cmd("edit " .. name)
  wait("diagnostics of " .. name, function() return #vim.diagnostic.get(0) > 0 end)
  local found = vim.diagnostic.get(0)[1]
  local line = vim.api.nvim_buf_get_lines(0, found.lnum, found.lnum + 1, true)[1]
  seen.diagnostics[name] = {
    text = line:sub(found.col + 1, found.end_col), source = found.source, message = found.message, severity = found.severity,
  }
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, 0 })
end

-- Chooses the code action with a word in its title, as from the menu.
local function choose(name, word)
  vim.ui.select = function(items, options, chosen)
    seen.titles[name] = vim.tbl_map(options.format_item, items)
    for i, item in ipairs(items) do
      if options.format_item(item):find(word, 1, true) then
        return chosen(item, i)
      end
    end
  end
  vim.lsp.buf.code_action()
  wait("a menu for " .. name, function() return seen.titles[name] end)
end

local function changed(name)
  wait("an edit of " .. name, function() return vim.bo.modified end)
  vim.cmd("noautocmd write")
end

local function story()
  dofile(os.getenv("SETTINGS"))
  vim.lsp.handlers["window/showMessage"] = function(_, result) table.insert(seen.said, result.message) end
  local began = {}
  vim.lsp.handlers["$/progress"] = function(_, result, context)
    if result.value.kind == "begin" then
      table.insert(began, { token = result.token, client = context.client_id })
    end
  end
  vim.cmd("filetype on")

  open("tides.py")
  choose("tides.py", "Move the loss into the tape")
  changed("tides.py")

  open("saved.py")
  vim.cmd("write")

  open("ignored.py")
  choose("ignored.py", "Ignore")
  changed("ignored.py")

  open("typed.py")
  choose("typed.py", "Move the loss into the tape")
  vim.api.nvim_buf_set_lines(0, -1, -1, true, { "# the moon" })
  wait("a refusal", function() return table.concat(seen.said):find("the text has changed", 1, true) end)
  changed("typed.py")

  vim.cmd("edit tides.py")
  vim.cmd("GradfixCheck")
  wait("a check", function() return table.concat(seen.said):find("tides.py: ", 1, true) end)
  vim.fn.search("tape.gradient")
  vim.lsp.buf.hover()
  wait("a hover", function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        seen.hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), "\n")
        vim.api.nvim_win_close(window, true)
        return true
      end
    end
  end)

  open("endless.py")
  local before = #began
  choose("endless.py", "Move the loss into the tape")
  wait("a run to begin", function() return #began > before end)
  local run = began[#began]
  local client = vim.lsp.get_client_by_id(run.client)
  seen.encoding = client.offset_encoding
  seen.new = vim.fn.has("nvim-0.11") == 1
  client.notify("window/workDoneProgress/cancel", { token = run.token })
  wait("the end of a run", function() return next(client.requests) == nil end)
  seen.modified = vim.bo.modified
end

local well, failure = pcall(story)
seen.error = not well and tostring(failure) or nil
local file = io.open(os.getenv("SEEN"), "w")
file:write((vim.json and vim.json.encode or vim.fn.json_encode)(seen))
file:close()
vim.cmd("qall!")
