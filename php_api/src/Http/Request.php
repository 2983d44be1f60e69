<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\AddressList;
use CrowdSky\Base\Refusal;

/**
 * The request as PHP received it. Behind it, nothing of the site reads $_GET, $_POST, $_SERVER or php://input.
 */
final class Request
{
    private ?AddressList $proxies = null;

    /**
     * @param array<string, mixed> $server as $_SERVER
     * @param array<string, mixed> $query as $_GET
     * @param array<string, mixed> $form as $_POST
     * @param array<string, mixed> $files as $_FILES
     * @param array<string, mixed> $cookies as $_COOKIE
     * @param array<string, string> $headers as getallheaders(), for servers that hide one from $_SERVER
     */
    public function __construct(
        private readonly array $server,
        private readonly array $query = [],
        private readonly array $form = [],
        private readonly array $files = [],
        private readonly array $cookies = [],
        private readonly array $headers = [],
        private readonly string $body = 'php://input',
    ) {
    }

    public static function fromGlobals(): self
    {
        $headers = function_exists('getallheaders') ? (getallheaders() ?: []) : [];
        return new self($_SERVER, $_GET, $_POST, $_FILES, $_COOKIE, $headers);
    }

    public function method(): string
    {
        return strtoupper((string) ($this->server['REQUEST_METHOD'] ?? 'GET'));
    }

    /**
     * @param list<string> $methods that are accepted; HEAD is accepted where GET is
     * @throws HttpError for any other
     */
    public function requireMethod(array $methods): void
    {
        $method = $this->method() === 'HEAD' ? 'GET' : $this->method();
        if (!in_array($method, $methods, true)) {
            throw HttpError::methodNotAllowed($methods);
        }
    }

    /** Path of the script that answers, such as /api/next_job.php. */
    public function script(): string
    {
        return (string) ($this->server['SCRIPT_NAME'] ?? '');
    }

    /** Path behind the script that answers, such as /capabilities; empty if there is none. */
    public function pathInfo(): string
    {
        $path = $this->server['PATH_INFO'] ?? $this->server['ORIG_PATH_INFO'] ?? '';
        // Some servers name the script itself there.
        return is_string($path) && $path !== $this->script() ? $path : '';
    }

    /**
     * Address of the site's pages as the client reaches it, without a slash at the end. Only for what this client is
     * sent: it chooses the host.
     */
    public function siteAddress(): string
    {
        $host = (string) ($this->server['HTTP_HOST'] ?? 'localhost');
        $plain = preg_match('/^[A-Za-z0-9._:\[\]-]{1,255}$/D', $host) === 1 ? $host : 'localhost';
        $folder = rtrim(dirname($this->script()), '/');
        $folder = $this->isApi() ? substr($folder, 0, -strlen('/api')) : $folder;
        return ($this->isSecure() ? 'https' : 'http') . "://$plain$folder";
    }

    /** Where the server that answers shows the site. */
    public function ownAddress(): OwnAddress
    {
        return new OwnAddress($this->server, $this->hasTls());
    }

    /** Path and query as the client wrote them. */
    public function target(): string
    {
        return (string) ($this->server['REQUEST_URI'] ?? '');
    }

    public function isApi(): bool
    {
        return str_contains($this->script(), '/api/');
    }

    /** Whether the client shows pages to a person: only then is an error a page instead of JSON. */
    public function wantsPage(): bool
    {
        return !$this->isApi()
            && str_contains((string) $this->header('Accept'), 'text/html')
            && $this->header('X-Requested-With') === null;
    }

    /** The same request, told which proxies to believe about the client's address and encryption. */
    public function through(AddressList $proxies): self
    {
        $request = clone $this;
        $request->proxies = $proxies;
        return $request;
    }

    /** The same request as if some fields were not in its address. */
    public function without(string ...$names): self
    {
        $request = new self($this->server, array_diff_key($this->query, array_flip($names)), $this->form, $this->files, $this->cookies, $this->headers, $this->body);
        $request->proxies = $this->proxies;
        return $request;
    }

    /** Whether the client's own connection is encrypted. */
    public function isSecure(): bool
    {
        $told = $this->isByProxy() ? $this->header('X-Forwarded-Proto') : null;
        return $told === null ? $this->hasTls() : strtolower(trim(explode(',', $told)[0])) === 'https';
    }

    /** Whether the connection that reached this server is encrypted. */
    private function hasTls(): bool
    {
        return !in_array(strtolower((string) ($this->server['HTTPS'] ?? '')), ['', 'off'], true);
    }

    /** Address of the client, which a trusted proxy reports. */
    public function remoteAddress(): string
    {
        return $this->isByProxy() ? $this->proxies->client($this->peer(), (string) $this->header('X-Forwarded-For')) : $this->peer();
    }

    private function isByProxy(): bool
    {
        return $this->proxies !== null && $this->proxies->contains($this->peer());
    }

    /** Address of the computer that is connected to this server. */
    private function peer(): string
    {
        return (string) ($this->server['REMOTE_ADDR'] ?? '');
    }

    public function header(string $name): ?string
    {
        $key = strtoupper(strtr($name, '-', '_'));
        $plain = in_array($key, ['CONTENT_TYPE', 'CONTENT_LENGTH'], true) ? $key : "HTTP_$key";
        $value = $this->server[$plain] ?? $this->server["REDIRECT_$plain"] ?? $this->headerOfServer($name);
        return is_string($value) && $value !== '' ? $value : null;
    }

    /**
     * The credentials that follow the scheme name (in any case) in Authorization; null if there are none of that
     * scheme.
     */
    public function authorization(string $scheme): ?string
    {
        $value = (string) $this->header('Authorization');
        return preg_match('/^' . preg_quote($scheme, '/') . ' +(\S.*)$/i', trim($value), $match) === 1 ? trim($match[1]) : null;
    }

    public function cookie(string $name): ?string
    {
        $value = $this->cookies[$name] ?? null;
        return is_string($value) ? $value : null;
    }

    /** A query parameter, null when absent. A parameter sent as a list (`name[]=`) is refused. */
    public function query(string $name): ?string
    {
        return self::text($this->query, $name);
    }

    /** @return list<string> names of all query parameters */
    public function queryNames(): array
    {
        return array_map(strval(...), array_keys($this->query));
    }

    /** A query parameter that is a positive whole number. */
    public function queryId(string $name): int
    {
        return self::id($this->query($name), $name);
    }

    /** A form field, null when absent. */
    public function form(string $name): ?string
    {
        return self::text($this->form, $name);
    }

    public function formId(string $name): int
    {
        return self::id($this->form($name), $name);
    }

    /** @return list<int> positive whole numbers of a field that is sent several times (`name[]=`); empty when absent */
    public function formIds(string $name): array
    {
        $values = $this->form[$name] ?? [];
        if (!is_array($values)) {
            throw Refusal::badInput("'$name' must be a list");
        }
        return array_map(static fn (mixed $value): int => self::id(is_string($value) ? $value : null, $name), array_values($values));
    }

    /** @return list<string> texts of a field that is sent several times (`name[]=`); empty when absent */
    public function formTexts(string $name): array
    {
        $values = $this->form[$name] ?? [];
        if (!is_array($values)) {
            throw Refusal::badInput("'$name' must be a list");
        }
        return array_map(static fn (mixed $value): string => self::text([$name => $value], $name) ?? '', array_values($values));
    }

    /** @return array<string, mixed>|null the $_FILES entry of one uploaded file, null when absent */
    public function file(string $name): ?array
    {
        $file = $this->files[$name] ?? null;
        if (is_array($file) && is_array($file['name'] ?? null)) {
            throw Refusal::badInput("Send one file in '$name', not a list");
        }
        return is_array($file) ? $file : null;
    }

    /**
     * The files of a field that takes several. PHP lists their names, paths and errors separately; here each file is
     * one entry again.
     *
     * @return list<array<string, mixed>> entries as of file(); fields that were left empty are not in it
     */
    public function fileList(string $name): array
    {
        $columns = $this->files[$name] ?? [];
        $entries = [];
        foreach ((array) ($columns['error'] ?? []) as $index => $error) {
            if ($error !== UPLOAD_ERR_NO_FILE) {
                $entries[] = array_map(static fn (mixed $values): mixed => ((array) $values)[$index], $columns);
            }
        }
        return $entries;
    }

    public function body(): RequestBody
    {
        return new RequestBody($this, $this->body);
    }

    /** Some servers pass Authorization only to getallheaders(). */
    private function headerOfServer(string $name): ?string
    {
        foreach ($this->headers as $key => $value) {
            if (strcasecmp((string) $key, $name) === 0) {
                return $value;
            }
        }
        return null;
    }

    /** @param array<string, mixed> $from */
    private static function text(array $from, string $name): ?string
    {
        $value = $from[$name] ?? null;
        if ($value === null) {
            return null;
        }
        if (!is_string($value) || !mb_check_encoding($value, 'UTF-8') || str_contains($value, "\0")) {
            throw Refusal::badInput("'$name' must be one plain text in UTF-8");
        }
        return $value;
    }

    private static function id(?string $value, string $name): int
    {
        if ($value === null || preg_match('/^[1-9][0-9]{0,17}$/D', $value) !== 1) {
            throw Refusal::badInput("'$name' must be a positive whole number");
        }
        return (int) $value;
    }
}
