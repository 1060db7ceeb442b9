const SCRIPT = String.raw`# Completion of @NAMES@ for bash.

_hookproof() {
  local rest=$COMP_LINE words=() word raw current cut i value answer first=1
  # readline takes = and : for ends of words, which a shell does not: what no space separates is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    raw=${'$'}{COMP_WORDS[i]}
    if [[ $rest == [[:space:]]* || i -eq 0 ]]; then
      rest=${'$'}{rest#"${'$'}{rest%%[![:space:]]*}"}
      words+=("$raw")
    else
      words[${'$'}{#words[@]} - 1]+=$raw
    fi
    rest=${'$'}{rest#"$raw"}
  done
  current=${'$'}{words[${'$'}{#words[@]} - 1]}
  # readline replaces its own last word alone.
  case $raw in
    = | :) cut=$current ;;
    *) cut=${'$'}{current%"$raw"} ;;
  esac

  COMPREPLY=()
  answer=$("${'$'}{words[0]/#\~/$HOME}" __complete -- "${'$'}{words[@]:1}" 2> /dev/null) || return
  while IFS= read -r value; do
    if [[ $first == 1 ]]; then
      first=$value
      continue
    fi
    value=${'$'}{value%%$'\t'*}
    value=${'$'}{value#"$cut"}
    case $value in
      *[!A-Za-z0-9_./:=,@%+~-]*) value=$(printf '%q' "$value") ;;
    esac
    COMPREPLY+=("$value")
  done <<< "$answer"

  case $first in
    file) i=-f ;;
    dir) i=-d ;;
    *) return ;;
  esac
  compopt -o filenames 2> /dev/null
  while IFS= read -r value; do
    [[ -n $value ]] && COMPREPLY+=("$value")
  done <<< "$(compgen "$i" -- "${'$'}{current#"$cut"}")"
}

complete -F _hookproof @WORDS@
`;

/** For bash 3.2 and newer, with or without the package bash-completion. */
export const bashScript = (programs: readonly string[]): string =>
  SCRIPT.replaceAll('@NAMES@', programs.join(', ')).replaceAll('@WORDS@', programs.join(' '));
