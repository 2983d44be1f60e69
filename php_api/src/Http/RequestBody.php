<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\Refusal;

/** The body of a request that is no form. */
final class RequestBody
{
    /** @param string $path under which PHP opens it */
    public function __construct(private readonly Request $request, private readonly string $path)
    {
    }

    /** @return int|null announced length of the body, null if none was sent */
    public function length(): ?int
    {
        $value = $this->request->header('Content-Length');
        if ($value === null) {
            return null;
        }
        if (preg_match('/^[0-9]{1,18}$/D', $value) !== 1) {
            throw Refusal::badInput('Content-Length is not a number');
        }
        return (int) $value;
    }

    /** The JSON object in the body. If the client sends the hash of the body, no other bytes are taken. */
    public function json(): JsonBody
    {
        $body = $this->atMost(JsonBody::MAX_BYTES);
        $sha256 = $this->request->header('X-SHA256');
        if ($sha256 !== null && !hash_equals(hash('sha256', $body), strtolower(trim($sha256)))) {
            throw Refusal::unusable('The request body arrived with other bytes than X-SHA256 names; send it again', 'hash_mismatch');
        }
        return JsonBody::parse($body);
    }

    /**
     * The raw body for reading in pieces.
     *
     * @return resource
     * @throws HttpError if the web server has lost it
     */
    public function stream(): mixed
    {
        $this->refuseEncoding();
        $stream = fopen($this->path, 'rb');
        if ($stream === false) {
            throw new \RuntimeException('The request body cannot be opened');
        }
        if ($this->mayBeLost()) {
            if (fread($stream, 1) === '') {
                throw HttpError::lengthRequired();
            }
            rewind($stream);
        }
        return $stream;
    }

    /** Refuses a compressed body: one could unpack to any size, and no client sends one. */
    public function refuseEncoding(): void
    {
        $encoding = strtolower(trim((string) $this->request->header('Content-Encoding')));
        if ($encoding !== '' && $encoding !== 'identity') {
            throw HttpError::unsupportedMedia('Send the body without Content-Encoding');
        }
    }

    /** Apache's CGI and FPM give PHP no body if its length is not announced. */
    private function mayBeLost(): bool
    {
        $isChunked = str_contains(strtolower((string) $this->request->header('Transfer-Encoding')), 'chunked');
        return $this->length() === null && ($isChunked || $this->request->method() === 'PUT');
    }

    private function atMost(int $limit): string
    {
        if ($this->length() > $limit) {
            throw Refusal::tooLarge('The request body', $limit);
        }
        $stream = $this->stream();
        $body = stream_get_contents($stream, $limit + 1);
        fclose($stream);
        if ($body === false) {
            throw Refusal::badInput('The request body could not be read');
        }
        if (strlen($body) > $limit) {
            throw Refusal::tooLarge('The request body', $limit);
        }
        return $body;
    }
}
