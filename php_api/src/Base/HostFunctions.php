<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * Functions of PHP that a host may have switched off with disable_functions.
 *
 * Those without which nothing works are in host/requirements.php, which refuses to start; host/replacements.php declares
 * substitutes for the optional ones.
 */
final class HostFunctions
{
    /** What is lost with each function that the site can do without. */
    public const OPTIONAL = [
        'chmod' => 'the server secret gets the mode that the umask allows',
        'disk_free_space' => 'a full disk is noticed only when a file does not fit',
        'disk_total_space' => 'the page Storage does not know how large the disk is',
        'error_log' => 'errors are lost while the log of the site cannot be written',
        'fileperms' => 'ready=1 cannot see whether other accounts can open the data',
        'fsync' => 'a power cut can lose files that were just stored',
        'ignore_user_abort' => 'a mail is lost when a browser leaves before it is sent',
        'ini_set' => 'display_errors must be off in php.ini or .user.ini',
        'link' => 'a result is copied to its place instead of linked',
        'realpath' => 'ready=1 checks the modes of folders as they are written',
        'set_time_limit' => 'max_execution_time ends long transfers',
        'umask' => 'other accounts may be able to open new files',
        'usleep' => 'short waits use the processor',
    ];

    /** What only results on a WebDAV share need. */
    public const WEBDAV = ['curl_init', 'curl_setopt_array', 'curl_exec', 'curl_getinfo', 'curl_error', 'tmpfile'];

    /** What only mails by SMTP need. */
    public const SMTP = ['stream_socket_client'];

    /** @return list<string> optional functions that the host has switched off */
    public static function replaced(): array
    {
        $isOurs = static fn (string $name): bool => (new \ReflectionFunction($name))->isUserDefined();
        return array_values(array_filter(array_keys(self::OPTIONAL), $isOurs));
    }

    /** @return string|null what PHP lacks for results on a WebDAV share, as part of a sentence */
    public static function missingForWebDav(): ?string
    {
        if (!extension_loaded('curl')) {
            return 'PHP has no curl, which a WebDAV share needs; install php-curl';
        }
        if (!class_exists(\XMLReader::class)) {
            return 'PHP has no XMLReader, which a WebDAV share needs; install php-xml';
        }
        $missing = array_filter(self::WEBDAV, static fn (string $name): bool => !function_exists($name));
        return $missing === [] ? null : 'the host has switched off ' . implode(', ', $missing) . ', which a WebDAV share needs';
    }

    /** @return string|null what PHP lacks for mails by SMTP, as part of a sentence */
    public static function missingForSmtp(bool $isEncrypted): ?string
    {
        if ($isEncrypted && !extension_loaded('openssl')) {
            return "PHP has no openssl, which 'smtp_security' needs; install it";
        }
        $missing = array_filter(self::SMTP, static fn (string $name): bool => !function_exists($name));
        return $missing === [] ? null : 'the host has switched off ' . implode(', ', $missing) . ', which mails by SMTP need';
    }
}
