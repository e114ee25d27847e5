# fish completion of tlspool: the program itself says what may come next.
function __tlspool_complete
    set -l line (commandline --cut-at-cursor --current-process | string collect)
    set -l current (commandline --cut-at-cursor --current-token)
    set -l candidates (command tlspool "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null </dev/null | string match -- "$current*")
    if test -n "$candidates"
        printf '%s\n' $candidates
    else
        # Where it has nothing to say, files are meant.
        __fish_complete_path "$current"
    end
end
complete --command tlspool --no-files --arguments '(__tlspool_complete)'
