<?php

declare(strict_types=1);

require __DIR__ . '/../../php_api/src/autoload.php';

// Deprecations and warnings fail a test, whatever php.ini says.
error_reporting(E_ALL);
date_default_timezone_set('Pacific/Kiritimati');

// Classes that several test cases share live beside them: CrowdSky\Tests\Fits\FitsFile in Fits/FitsFile.php.
spl_autoload_register(static function (string $class): void {
    $prefix = 'CrowdSky\\Tests\\';
    $file = __DIR__ . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    if (str_starts_with($class, $prefix) && is_file($file)) {
        require $file;
    }
});
