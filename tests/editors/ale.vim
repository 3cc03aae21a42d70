" Does in Vim with ALE what a user does, and writes down what there was to see.
let s:seen = {'diagnostics': {}, 'menus': {}, 'said': [], 'error': ''}

function! s:Wait(what, Holds) abort
  let l:end = reltimefloat(reltime()) + 90
  while !a:Holds()
    if reltimefloat(reltime()) > l:end
      throw 'in vain: ' . a:what
    endif
    sleep 50m
  endwhile
endfunction

function! s:Open(name) abort
  execute 'edit ' . a:name
  call s:Wait('diagnostics of ' . a:name, {-> !empty(ale#engine#GetLoclist(bufnr('')))})
  let l:found = ale#engine#GetLoclist(bufnr(''))[0]
  let s:seen.diagnostics[a:name] = {'line': getline(l:found.lnum), 'text': l:found.text, 'code': l:found.code}
  call cursor(l:found.lnum, 1)
endfunction

" Answers the menu of :ALECodeAction with what has a word in its title.
function! s:Choose(name, word) abort
  let s:name = a:name
  let s:word = a:word
  ALECodeAction
  call s:Wait('a menu for ' . a:name, {-> has_key(s:seen.menus, a:name)})
endfunction

function! StoryAnswer(menu) abort
  let s:seen.menus[s:name] = a:menu
  return matchstr(a:menu, '\v\d+\ze\) [^\n]*' . s:word)
endfunction

function! s:Save(name) abort
  call s:Wait('an edit of ' . a:name, {-> &modified})
  write
endfunction

function! s:Story() abort
  call s:Open('tides.py')
  call s:Choose('tides.py', 'Move the loss into the tape')
  call s:Save('tides.py')
  call s:Open('saved.py')
  call s:Choose('saved.py', 'Fix all missing gradients')
  call s:Save('saved.py')
  call s:Open('ignored.py')
  call s:Choose('ignored.py', 'Ignore')
  call s:Save('ignored.py')
  call s:Open('typed.py')
  call s:Choose('typed.py', 'Move the loss into the tape')
  call append('$', '# the moon')
  doautocmd <nomodeline> TextChangedI
  call s:Wait('a refusal', {-> join(s:seen.said) =~# 'the text has changed'})
  write
  call s:Open('endless.py')
  call s:Choose('endless.py', 'Move the loss into the tape')
  sleep 1 " so that the run, which the end is to end as well, has begun
endfunction

filetype plugin on
let g:ale_linters = {'python': ['gradfix']} " and not what else may be installed

try
  runtime! autoload/ale/util.vim
  function! ale#util#Input(message, value) abort
    return StoryAnswer(a:message)
  endfunction
  function! ale#util#ShowMessage(message, ...) abort
    call add(s:seen.said, a:message)
  endfunction
  call s:Story()
catch
  let s:seen.error = v:exception . ' at ' . v:throwpoint
endtry
call writefile([json_encode(s:seen)], $SEEN)
qall!
