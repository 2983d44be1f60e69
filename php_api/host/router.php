<?php

declare(strict_types=1);

/*
 * For PHP's own server alone (php -S), which otherwise answers an unknown address with a page of its own, or with the
 * front page.
 */

$public = dirname(__DIR__) . '/public';
$path = rawurldecode((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
// A script may have a path behind it, such as api/hips.php/Norder0.
$file = preg_match('#^(.*?\.php)/#', $path, $match) === 1 ? $match[1] : $path;
if (!str_contains($path, '..') && (is_file($public . $file) || is_file($public . rtrim($file, '/') . '/index.php'))) {
    return false;
}
$_SERVER['SCRIPT_NAME'] = '/not_found.php';
require "$public/not_found.php";
