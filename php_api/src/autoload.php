<?php

declare(strict_types=1);

require __DIR__ . '/../host/requirements.php';
require __DIR__ . '/../host/replacements.php';

// The only autoloader: class CrowdSky\Queue\JobQueue lives in src/Queue/JobQueue.php.
spl_autoload_register(static function (string $class): void {
    $prefix = 'CrowdSky\\';
    if (!str_starts_with($class, $prefix)) {
        return;
    }
    $file = __DIR__ . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
    // Checking for the file first would cost a system call per class and request, which opcache saves.
    @include $file;
});
