<?php

declare(strict_types=1);

// What the site needs of its host. Loaded before everything else and written for any PHP from 7.0, so that an older
// one reaches the sentence below instead of a syntax error. Files in public/ and bin/migrate.php keep to that, too.

(static function () {
    $extensions = ['PDO', 'mbstring', 'json', 'hash', 'session'];
    $functions = [
        'copy', 'file_get_contents', 'file_put_contents', 'flock', 'fopen', 'getenv', 'glob', 'ini_get', 'mkdir', 'register_shutdown_function',
        'rename', 'rmdir', 'scandir', 'session_start', 'session_regenerate_id', 'session_destroy', 'set_error_handler', 'stat',
        'filemtime', 'unlink',
    ];
    $isMissing = static function (string $function): bool {
        return !function_exists($function);
    };
    $missingExtensions = array_diff($extensions, array_filter($extensions, 'extension_loaded'));
    $missingFunctions = array_filter($functions, $isMissing);
    if (PHP_VERSION_ID < 80100) {
        $problem = 'it needs PHP 8.1 or newer and this is PHP ' . PHP_VERSION . '; choose another version in the settings of the host';
    } elseif ($missingExtensions !== []) {
        $problem = 'PHP has no ' . implode(', ', $missingExtensions) . '; install or switch on these extensions';
    } elseif ($missingFunctions !== []) {
        $problem = 'it needs functions of PHP that the host has switched off: ' . implode(', ', $missingFunctions)
            . '; take them out of disable_functions or ask the host to';
    } else {
        return;
    }
    $sentence = "CrowdSky cannot run here: $problem.";
    if (PHP_SAPI === 'cli') {
        fwrite(STDERR, "$sentence\n");
        exit(1);
    }
    $isApi = strpos(isset($_SERVER['SCRIPT_NAME']) ? $_SERVER['SCRIPT_NAME'] : '', '/api/') !== false;
    http_response_code(503);
    header('Retry-After: 300');
    header('Content-Type: ' . ($isApi ? 'application/json' : 'text/plain; charset=utf-8'));
    echo $isApi ? '{"error":"' . addslashes($sentence) . '","code":"host"}' : "$sentence\n";
    exit(1);
})();
