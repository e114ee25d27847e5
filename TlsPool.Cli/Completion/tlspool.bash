# bash completion of tlspool: the program itself says what may come next.
_tlspool() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        [[ -n $candidate && $candidate == "$2"* ]] && COMPREPLY+=("$candidate")
    done < <(command "$1" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null </dev/null)
}
# Where it has nothing to say, files are meant.
complete -o default -F _tlspool tlspool
