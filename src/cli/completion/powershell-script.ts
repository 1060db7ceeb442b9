const SCRIPT = String.raw`# Completion of @NAMES@ for PowerShell.
# It was never run: please report any faults.

Register-ArgumentCompleter -Native -CommandName @NAMES@ -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
    $before = @($words | Select-Object -Skip 1)
    if ($wordToComplete -ne '') { $before = @($before | Select-Object -SkipLast 1) }
    $current = if ($wordToComplete -eq '') { '""' } else { $wordToComplete }
    $answer = @(& $words[0] __complete -- @before $current 2> $null)
    $answer | Select-Object -Skip 1 | ForEach-Object {
        $value, $text = $_ -split "${'`'}t", 2
        if (-not $text) { $text = $value }
        if ($value -match '\s') { $quoted = "'" + $value.Replace("'", "''") + "'" } else { $quoted = $value }
        [System.Management.Automation.CompletionResult]::new($quoted, $value, 'ParameterValue', $text)
    }
}
`;

/** Written by the documentation of Register-ArgumentCompleter; it was never run. */
export const powershellScript = (programs: readonly string[]): string =>
  SCRIPT.replaceAll('@NAMES@', programs.join(', '));
