# Exit codes: 0 done or nothing to do, 1 failed, 4 somebody else's file.
# Each file has a record: its path, and `before`, what was there and was replaced; `next`, what is being
# written; `wrote`, what was. A file is ours while it is one of the last two.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$State = Join-Path $env:LOCALAPPDATA 'mirrorcfg-script'
$Plain = New-Object System.Text.UTF8Encoding $false

# What is said to whoever runs this is Chinese where Windows is, or MIRRORCFG_LANG says so. It is spelt in ASCII:
# which letters a script without a byte order mark is written in, PowerShell 5.1 takes from the machine.
$Language = if ($env:MIRRORCFG_LANG) { $env:MIRRORCFG_LANG } else { (Get-UICulture).Name }
$Zh = $Language -match '^zh' -and $Language -notmatch '^zh[-_](tw|hk|mo|hant)'

function Get-Text([string] $Text, [string] $Place) {
    if ($Zh -and $Chinese.ContainsKey($Text)) { $Text = [regex]::Unescape($Chinese[$Text]) }
    return $Text.Replace('{0}', $Place)
}

function Stop-With([int] $Code, [string] $Text, [string] $Place) {
    [Console]::Error.WriteLine((Get-Text 'error: {0}' (Get-Text $Text $Place)))
    exit $Code
}

function Get-Content64([string] $Path) {
    return [Convert]::ToBase64String([IO.File]::ReadAllBytes($Path))
}

function Get-Wanted64($File) {
    return [Convert]::ToBase64String($Plain.GetBytes($File.Content.Replace("`r`n", "`n")))
}

function Get-Record([string] $Path) {
    $hash = [Security.Cryptography.SHA256]::Create().ComputeHash($Plain.GetBytes($Path))
    return Join-Path $State ([BitConverter]::ToString($hash).Replace('-', ''))
}

# A file appears whole, or not at all: a new one never covers what somebody made meanwhile.
function Write-Whole([string] $Path, [byte[]] $Bytes) {
    $new = "$Path.mirrorcfg"
    [IO.File]::WriteAllBytes($new, $Bytes)
    if ([IO.File]::Exists($Path)) {
        [IO.File]::Replace($new, $Path, [NullString]::Value)
    } else {
        [IO.File]::Move($new, $Path)
    }
}

# Is the tool here, or was it asked for by name?
function Test-Meant($File) {
    if ($File.Programs.Count -eq 0 -or [IO.File]::Exists($File.Path)) { return $true }
    foreach ($program in $File.Programs) {
        if (Get-Command $program -CommandType Application -ErrorAction SilentlyContinue) { return $true }
    }
    return $false
}

function Test-Good($File) {
    if (-not [IO.File]::Exists($File.Path)) { return $false }
    return $File.Lasting -or (Get-Content64 $File.Path) -ceq (Get-Wanted64 $File)
}

# Is the file one of these of its record?
function Test-Is([string] $Path, [string[]] $Names) {
    foreach ($name in $Names) {
        $copy = Join-Path (Get-Record $Path) $name
        if ([IO.File]::Exists($copy) -and (Get-Content64 $copy) -ceq (Get-Content64 $Path)) { return $true }
    }
    return $false
}

# First pass: all that could be refused is refused before anything is written.
function Assert-Free($File) {
    $path = $File.Path
    if ([IO.Directory]::Exists($path)) { Stop-With 4 '{0} is a folder; nothing was changed.' $path }
    if (-not [IO.File]::Exists($path)) { return }
    if ([IO.File]::GetAttributes($path) -band [IO.FileAttributes]::ReparsePoint) {
        Stop-With 4 '{0} is a link; nothing was changed.' $path
    }
    if (Test-Is $path @('wrote', 'next', 'before')) { return }
    if ([IO.Directory]::Exists((Get-Record $path))) {
        Stop-With 4 '{0} was edited since this script wrote it; nothing was changed. Put it aside first.' $path
    }
    if (-not $Replace) {
        Stop-With 4 '{0} is there already, and not this script''s; nothing was changed. -Replace puts it aside until -Undo.' $path
    }
}

# Second pass: what is to be known after a kill is written down.
function Write-Record($File) {
    $record = Get-Record $File.Path
    [void] [IO.Directory]::CreateDirectory($record)
    Write-Whole (Join-Path $record 'path') ($Plain.GetBytes($File.Path))
    if ([IO.File]::Exists($File.Path) -and -not (Test-Is $File.Path @('wrote', 'next'))) {
        Write-Whole (Join-Path $record 'before') ([IO.File]::ReadAllBytes($File.Path))
    }
    Write-Whole (Join-Path $record 'next') ([Convert]::FromBase64String((Get-Wanted64 $File)))
}

# Third pass: each file, one after the other.
function Write-File($File) {
    $word = if ([IO.File]::Exists($File.Path)) { 'changed  ' } else { 'created  ' }
    [void] [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($File.Path))
    Write-Whole $File.Path ([Convert]::FromBase64String((Get-Wanted64 $File)))
    Write-Output "$word $($File.Path)"
}

# Last pass: the records say what stands there now.
function Complete-Record($File) {
    $record = Get-Record $File.Path
    $next = Join-Path $record 'next'
    if (-not [IO.File]::Exists($next)) { return }
    Write-Whole (Join-Path $record 'wrote') ([IO.File]::ReadAllBytes($next))
    [IO.File]::Delete($next)
}

function Get-Recorded {
    if (-not [IO.Directory]::Exists($State)) { return }
    foreach ($record in [IO.Directory]::GetDirectories($State)) {
        $path = Join-Path $record 'path'
        if ([IO.File]::Exists($path)) { [IO.File]::ReadAllText($path, $Plain) }
    }
}

function Restore-File([string] $Path) {
    $record = Get-Record $Path
    $before = Join-Path $record 'before'
    if ([IO.File]::Exists($before)) {
        Write-Whole $Path ([IO.File]::ReadAllBytes($before))
        Write-Output "restored  $Path"
    } elseif ([IO.File]::Exists($Path)) {
        [IO.File]::Delete($Path)
        Write-Output "removed   $Path"
    }
    [IO.Directory]::Delete($record, $true)
}

if ($Undo) {
    $paths = @(Get-Recorded)
    foreach ($path in $paths) {
        if ([IO.File]::Exists($path) -and -not (Test-Is $path @('wrote', 'next', 'before'))) {
            Stop-With 4 '{0} was edited since this script wrote it; nothing was changed. Put it aside first.' $path
        }
    }
    foreach ($path in $paths) { Restore-File $path }
    exit 0
}
$meant = @($Files | Where-Object { Test-Meant $_ })
$open = @($meant | Where-Object { -not (Test-Good $_) })
foreach ($file in $open) { Assert-Free $file }
foreach ($file in $open) { Write-Record $file }
foreach ($file in $open) { Write-File $file }
foreach ($file in $meant) { Complete-Record $file }
foreach ($file in $meant) { if ($open -notcontains $file) { Write-Output "unchanged $($file.Path)" } }
if (@($open | Where-Object { $_.Tool -eq 'docker' }).Count -gt 0) {
    [Console]::Error.WriteLine((Get-Text 'Docker reads its file when it starts next.'))
}
exit 0
