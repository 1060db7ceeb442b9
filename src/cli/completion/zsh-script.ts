const SCRIPT = String.raw`#compdef @WORDS@
# Completion of @NAMES@ for zsh.

_hookproof() {
  local line paths value
  local -a answer candidates
  answer=("${'$'}{(@f)$("${'$'}{(Q)words[1]}" __complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  paths=$answer[1]
  for line in "${'$'}{(@)answer[2,-1]}"; do
    value=${'$'}{line%%$'\t'*}
    candidates+=("${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}")
  done
  (( $#candidates )) && _describe -t values value candidates
  case $paths in
    file) [[ $PREFIX == -*=* ]] && compset -P '*='; _files ;;
    dir) [[ $PREFIX == -*=* ]] && compset -P '*='; _files -/ ;;
  esac
  return 0
}

if [[ $funcstack[1] == _hookproof ]]; then
  _hookproof "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _hookproof @WORDS@
fi
`;

/** To be sourced, or kept as `_hookproof` in a folder of `$fpath`. */
export const zshScript = (programs: readonly string[]): string =>
  SCRIPT.replaceAll('@NAMES@', programs.join(', ')).replaceAll('@WORDS@', programs.join(' '));
