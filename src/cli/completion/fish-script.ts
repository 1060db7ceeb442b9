const SCRIPT = String.raw`# Completion of @NAMES@ for fish.

function __hookproof_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] __complete -- $words[2..-1] "$current" 2> /dev/null)
    for line in $answer[2..-1]
        echo $line
    end
    set -l before (string match -r -- '^-[^=]*=' $current)
    set -l path (string replace -r -- '^-[^=]*=' '' $current)
    switch "$answer[1]"
        case file
            for found in (__fish_complete_path "$path")
                echo "$before$found"
            end
        case dir
            for found in (__fish_complete_directories "$path")
                echo "$before$found"
            end
    end
end

@COMPLETE@
`;

/** For fish 3.1 and newer. */
export const fishScript = (programs: readonly string[]): string =>
  SCRIPT.replaceAll('@NAMES@', programs.join(', ')).replace(
    '@COMPLETE@',
    programs.map((program) => `complete -c ${program} -f -a '(__hookproof_complete)'`).join('\n'),
  );
