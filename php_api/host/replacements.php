<?php

declare(strict_types=1);

// Functions that the site can do without: where the host has switched one off, PHP lets us declare our own. What is
// lost is written in Base\HostFunctions.

if (!function_exists('chmod')) {
    function chmod(string $filename, int $permissions): bool
    {
        return false;
    }
}
if (!function_exists('disk_free_space')) {
    function disk_free_space(string $directory): float|false
    {
        return false;
    }
}
if (!function_exists('disk_total_space')) {
    function disk_total_space(string $directory): float|false
    {
        return false;
    }
}
if (!function_exists('error_log')) {
    function error_log(string $message): bool
    {
        return false;
    }
}
if (!function_exists('fileperms')) {
    function fileperms(string $filename): int|false
    {
        return false;
    }
}
if (!function_exists('fsync')) {
    /** @param resource $stream */
    function fsync(mixed $stream): bool
    {
        return false;
    }
}
if (!function_exists('ignore_user_abort')) {
    function ignore_user_abort(?bool $enable = null): int
    {
        return 0;
    }
}
if (!function_exists('ini_set')) {
    function ini_set(string $option, string $value): string|false
    {
        return false;
    }
}
if (!function_exists('link')) {
    function link(string $target, string $link): bool
    {
        return false;
    }
}
if (!function_exists('realpath')) {
    function realpath(string $path): string
    {
        return $path;
    }
}
if (!function_exists('set_time_limit')) {
    function set_time_limit(int $seconds): bool
    {
        return false;
    }
}
if (!function_exists('umask')) {
    function umask(?int $mask = null): int
    {
        return 0;
    }
}
if (!function_exists('usleep')) {
    function usleep(int $microseconds): void
    {
        for ($end = microtime(true) + $microseconds / 1e6; microtime(true) < $end;) {
            continue;
        }
    }
}
