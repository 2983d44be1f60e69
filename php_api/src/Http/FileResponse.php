<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\Refusal;

/**
 * Builds answers that carry a file, with Range, ETag and length, using memory that does not grow with the file.
 */
final class FileResponse
{
    private const PIECE = 256 << 10;

    /**
     * A file on disk.
     *
     * @param string $sha256 hex, of what is sent; becomes the ETag
     * @throws Refusal when the file is gone
     * @throws HttpError as ByteRange::of
     */
    public static function fromDisk(Request $request, string $path, string $sha256, string $type, string $name): Response
    {
        $handle = @fopen($path, 'rb');
        if ($handle === false) {
            throw self::gone();
        }
        return self::fromHandle($request, $handle, $sha256, $type, $name);
    }

    /**
     * An open file, which is closed when it is sent.
     *
     * @param resource $handle
     * @param string $sha256 hex, of what is sent; becomes the ETag
     * @throws HttpError as ByteRange::of
     */
    public static function fromHandle(Request $request, mixed $handle, string $sha256, string $type, string $name): Response
    {
        $size = (int) (fstat($handle)['size'] ?? 0);
        return self::streamed($request, $size, $sha256, $type, $name, static function (int $offset, int $length) use ($handle): void {
            fseek($handle, $offset);
            while ($length > 0 && !feof($handle)) {
                $piece = fread($handle, min(self::PIECE, $length));
                if ($piece === false || connection_aborted() === 1) {
                    break;
                }
                $length -= strlen($piece);
                echo $piece;
                flush();
            }
            fclose($handle);
        });
    }

    /**
     * Something that can print any part of itself, such as a stack in remote storage.
     *
     * @param string $sha256 hex; becomes the ETag
     * @param \Closure(int, int): void $print prints that many bytes from that offset
     * @param string $disposition attachment or inline
     */
    public static function streamed(
        Request $request,
        int $size,
        string $sha256,
        string $type,
        string $name,
        \Closure $print,
        string $disposition = 'attachment',
    ): Response {
        $etag = "\"$sha256\"";
        $range = ByteRange::of($request, $size, $etag);
        $headers = [
            'Content-Type' => $type,
            'Content-Disposition' => "$disposition; filename=\"" . self::plainName($name) . '"',
            'ETag' => $etag,
        ];
        $body = static function () use ($print, $range): void {
            set_time_limit(0);
            $print($range->offset, $range->length);
        };
        return new Response($range->status(), $headers + $range->headers($size), $body);
    }

    public static function gone(): Refusal
    {
        return Refusal::notFound('The file is not there any more');
    }

    /** Clients append this name to a folder without checking it, so it consists of plain characters only. */
    private static function plainName(string $name): string
    {
        $plain = ltrim(preg_replace('/[^A-Za-z0-9._+-]+/', '_', $name) ?? '', '.');
        return $plain === '' ? 'file' : $plain;
    }
}
