<?php

declare(strict_types=1);

namespace CrowdSky\Operations;

use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/**
 * Tries whether what the site stores can be fetched by anybody: the data folder lies below the web root, and the server
 * ignores the deny file in it.
 *
 * The request goes to the address of this very server, whatever host the client has named, and asks for a file made
 * for this. Without curl, or with a data folder elsewhere, nothing is tried.
 */
final class WebExposure
{
    public const SENTENCE = 'anybody can fetch what the site stores, its database and secret too, because the web server ignores'
        . ' the .htaccess in data_dir; move data_dir out of the web root, or allow .htaccess there (AllowOverride AuthConfig FileInfo)';

    private const FILE = 'web-access.txt';
    private const TIMEOUT_SECONDS = 3;

    public function __construct(private readonly App $app, private readonly Request $request)
    {
    }

    public function isFound(): bool
    {
        $file = $this->app->data()->path(self::FILE);
        $address = $this->request->ownAddress()->of((string) realpath(dirname($file)) . '/' . self::FILE);
        if ($address === null || !function_exists('curl_exec') || !function_exists('curl_init')) {
            return false;
        }
        $content = @file_get_contents($file);
        if ($content === false || strlen($content) !== 32) {
            $content = bin2hex(random_bytes(16));
            @file_put_contents($file, $content, LOCK_EX);
        }
        return $this->fetch($address) === $content;
    }

    private function fetch(string $address): string
    {
        $host = (string) $this->request->header('Host');
        $curl = curl_init($this->request->ownAddress()->server() . $address);
        curl_setopt_array($curl, [
            // Never a header of the client's making beyond a plain name.
            CURLOPT_HTTPHEADER => preg_match('/^[A-Za-z0-9.:\[\]-]+$/D', $host) === 1 ? ["Host: $host"] : [],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => self::TIMEOUT_SECONDS,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_PROXY => '',
            // The certificate is for the site's name, not for this address, and nothing secret is sent.
            CURLOPT_SSL_VERIFYPEER => false,
            CURLOPT_SSL_VERIFYHOST => 0,
        ]);
        return (string) curl_exec($curl);
    }
}
