<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/**
 * The part of a file a client asked for: a first byte and a number of bytes.
 */
final class ByteRange
{
    private function __construct(
        public readonly int $offset,
        public readonly int $length,
        public readonly bool $isPartial,
    ) {
    }

    /**
     * Evaluates If-Match, If-Range and Range (one range; several get the whole file, as RFC 9110 allows).
     *
     * @param string $etag with its quotes
     * @throws HttpError when the file is not the one that the client began with, and when the range lies outside it
     */
    public static function of(Request $request, int $size, string $etag): self
    {
        $ifMatch = $request->header('If-Match');
        if ($ifMatch !== null && $ifMatch !== '*' && !in_array($etag, array_map(trim(...), explode(',', $ifMatch)), true)) {
            throw HttpError::preconditionFailed('The file is not the one named by If-Match; start over without Range');
        }
        $whole = new self(0, $size, false);
        $ifRange = $request->header('If-Range');
        if ($ifRange !== null && $ifRange !== $etag) {
            return $whole;
        }
        if (preg_match('/^bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*$/', (string) $request->header('Range'), $match) !== 1) {
            return $whole;
        }
        [, $first, $last] = $match;
        if ($first === '' && $last === '') {
            return $whole;
        }
        return $first === '' ? self::tail((int) $last, $size) : self::from((int) $first, $last, $size);
    }

    /** 206 for a part, 200 for the whole. */
    public function status(): int
    {
        return $this->isPartial ? 206 : 200;
    }

    /** @return array<string, string> what the answer says about the part it carries */
    public function headers(int $size): array
    {
        $headers = ['Accept-Ranges' => 'bytes', 'Content-Length' => (string) $this->length];
        if ($this->isPartial) {
            $headers['Content-Range'] = sprintf('bytes %d-%d/%d', $this->offset, $this->offset + $this->length - 1, $size);
        }
        return $headers;
    }

    private static function tail(int $count, int $size): self
    {
        if ($count === 0 || $size === 0) {
            throw HttpError::rangeNotSatisfiable($size);
        }
        $length = min($count, $size);
        return new self($size - $length, $length, true);
    }

    private static function from(int $first, string $last, int $size): self
    {
        $end = $last === '' ? $size - 1 : min((int) $last, $size - 1);
        if ($first >= $size) {
            throw HttpError::rangeNotSatisfiable($size);
        }
        if ($last !== '' && (int) $last < $first) {
            return new self(0, $size, false);
        }
        return new self($first, $end - $first + 1, true);
    }
}
