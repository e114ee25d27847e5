#compdef tlspool
# zsh completion of tlspool: the program itself says what may come next.
_tlspool() {
    local line="${(j: :)words[1,CURRENT]}"
    local -a candidates
    candidates=("${(@f)$(command "${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null </dev/null)}")
    candidates=(${candidates:#})
    if (( ${#candidates} )); then
        compadd -a candidates && return
    fi
    # Where it has nothing to say, files are meant.
    _files
}
if [ "$funcstack[1]" = _tlspool ]; then
    _tlspool "$@"
else
    compdef _tlspool tlspool
fi
