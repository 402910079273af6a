# mirrorcfg's completion for PowerShell: mirrorcfg completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName mirrorcfg -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    $text = $commandAst.ToString().PadRight($length).Substring(0, $length)
    $program = $commandAst.CommandElements[0].ToString()
    $lines = @(& $program complete --line $text 2>$null)
    if ($lines.Count -lt 2) { return }
    $lines[1..($lines.Count - 1)] | ForEach-Object {
        $value, $told = $_ -split "`t", 2
        if (-not $told) { $told = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $told)
    }
}
