<?php

declare(strict_types=1);

// A WebDAV share that misbehaves in the way named by the first folder of the path. Router of PHP's built-in server.

$method = $_SERVER['REQUEST_METHOD'];
$path = rawurldecode((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$fault = explode('/', $path)[1];
$body = file_get_contents('php://input');

if ($fault === 'redirect' && $method !== 'GET') {
    header('Location: /redirected', true, 301);
} elseif ($fault === 'portal') {
    echo '<html>Please sign in to this network</html>';
} elseif ($fault === 'liar') {
    http_response_code($method === 'GET' ? 200 : 201);
    echo $method === 'GET' ? 'something else' : '';
} elseif ($fault === 'wronghash') {
    header('X-Hash-SHA256: ' . str_repeat('0', 64), true, 201);
} elseif ($fault === 'hash') {
    // Nothing but PUT, MOVE and the hash works here, so a read-back would fail.
    header('X-Hash-SHA256: ' . hash('sha256', $body), true, in_array($method, ['PUT', 'MOVE'], true) ? 201 : 500);
} elseif ($fault === 'cut') {
    header('Content-Length: 1000');
    echo 'only this';
} elseif ($fault === 'norange') {
    echo '0123456789';
} else {
    http_response_code((int) $fault);
}
