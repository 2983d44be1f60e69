<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Base;

use CrowdSky\Base\HostFunctions;
use PHPUnit\Framework\TestCase;

final class HostFunctionsTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../../php_api';

    /** What hosts and hardening guides put into disable_functions, as far as it could matter to a site like this. */
    private const USUAL = [
        'apache_child_terminate', 'apache_setenv', 'chgrp', 'chmod', 'chown', 'copy', 'curl_exec', 'curl_init', 'curl_multi_exec',
        'disk_free_space', 'disk_total_space', 'diskfreespace', 'dl', 'error_log', 'exec', 'file_get_contents', 'fileperms', 'flock',
        'fopen', 'fpassthru', 'fsockopen', 'fsync', 'ftok', 'get_current_user', 'getenv', 'gethostname', 'getmyinode', 'getmypid',
        'getmyuid', 'glob', 'highlight_file', 'ignore_user_abort', 'ini_alter', 'ini_get', 'ini_get_all', 'ini_restore', 'ini_set',
        'lchgrp', 'lchown', 'link', 'mail', 'move_uploaded_file', 'opcache_get_status', 'openlog', 'parse_ini_file', 'passthru',
        'pcntl_exec', 'pcntl_fork', 'pfsockopen', 'php_uname', 'phpinfo', 'phpversion', 'popen', 'posix_getpwuid', 'posix_kill',
        'posix_setuid', 'posix_uname', 'proc_close', 'proc_get_status', 'proc_nice', 'proc_open', 'proc_terminate', 'putenv',
        'readfile', 'readlink', 'realpath', 'rename', 'scandir', 'set_time_limit', 'shell_exec', 'show_source', 'sleep', 'socket_bind',
        'socket_connect', 'stream_socket_client', 'stream_socket_server', 'symlink', 'sys_get_temp_dir', 'sys_getloadavg', 'syslog',
        'system', 'tempnam', 'tmpfile', 'touch', 'umask', 'unlink', 'usleep',
    ];

    /** Syntax that PHP 7.0 does not know. */
    private const TOO_NEW = [
        T_FN, T_MATCH, T_ATTRIBUTE, T_COALESCE_EQUAL, T_NULLSAFE_OBJECT_OPERATOR, T_ENUM, T_READONLY,
    ];

    public function testEveryFunctionThatHostsSwitchOffIsNamedOrReplaced(): void
    {
        $handled = [...array_keys(HostFunctions::OPTIONAL), ...HostFunctions::WEBDAV, ...HostFunctions::SMTP];
        preg_match('/\$functions = \[(.*?)\]/s', (string) file_get_contents(self::ROOT . '/host/requirements.php'), $needed);
        preg_match_all("/'(\w+)'/", $needed[1], $names);

        $called = array_intersect(self::USUAL, $this->calledFunctions());

        self::assertSame([], array_diff($called, $handled, $names[1]));
        self::assertSame([], array_diff([...$handled, ...$names[1]], $this->calledFunctions()), 'is listed and not called');
    }

    public function testReplacementsAreKnownAsSuch(): void
    {
        $script = 'require $argv[1]; echo implode(" ", CrowdSky\Base\HostFunctions::replaced());';
        $off = implode(',', array_keys(HostFunctions::OPTIONAL));

        $command = [PHP_BINARY, '-d', "disable_functions=$off", '-r', $script, self::ROOT . '/src/autoload.php'];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
        self::assertIsResource($process);
        $answer = stream_get_contents($pipes[1]);
        proc_close($process);

        self::assertSame(implode(' ', array_keys(HostFunctions::OPTIONAL)), $answer);
        self::assertSame([], HostFunctions::replaced());
    }

    /** An old PHP must get as far as the sentence that asks for a newer one. */
    public function testWhatRunsFirstIsReadableByAnOldPhp(): void
    {
        $files = [
            ...glob(self::ROOT . '/public/*.php'), ...glob(self::ROOT . '/public/api/*.php'),
            self::ROOT . '/host/requirements.php', self::ROOT . '/src/autoload.php', self::ROOT . '/bin/migrate.php',
        ];
        foreach ($files as $file) {
            $code = (string) file_get_contents($file);
            foreach (token_get_all($code) as $token) {
                self::assertNotContains(is_array($token) ? $token[0] : null, self::TOO_NEW, $file);
            }
            self::assertStringNotContainsString('(...)', $code, $file);
        }
    }

    /** @return list<string> functions outside of classes that the site calls */
    private function calledFunctions(): array
    {
        $called = [];
        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::ROOT . '/src')) as $file) {
            if ($file->getExtension() !== 'php') {
                continue;
            }
            $isCode = static fn (\PhpToken $token): bool => !$token->isIgnorable();
            $tokens = array_values(array_filter(\PhpToken::tokenize((string) file_get_contents($file->getPathname())), $isCode));
            foreach ($tokens as $place => $token) {
                $isMember = in_array($tokens[max(0, $place - 1)]->id, [T_OBJECT_OPERATOR, T_NULLSAFE_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_NEW], true);
                if ($token->id === T_STRING && !$isMember && ($tokens[$place + 1]->text ?? '') === '(') {
                    $called[$token->text] = true;
                }
            }
        }

        return array_keys($called);
    }
}
