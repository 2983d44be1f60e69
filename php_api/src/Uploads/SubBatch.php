<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\JsonBody;

/**
 * Several small files in one request body: a line of JSON, `{"files": [{"name": "a.fit", "bytes": 8640}, ...]}`, and then
 * their bytes, one file behind the other. A request for each of them would cost more than its bytes.
 */
final class SubBatch
{
    public const MOST_FILES = 50;
    /** All files of a body together; each is held in memory while it is checked. */
    public const MOST_BYTES = 4 << 20;
    private const MOST_LINE = 32 << 10;

    /**
     * @param list<array{string, int}> $files name and bytes
     * @param resource $stream behind the line
     */
    private function __construct(private readonly array $files, private readonly mixed $stream)
    {
    }

    /**
     * @param resource $stream of the request body
     * @throws Refusal for a body of another form
     */
    public static function of(mixed $stream): self
    {
        $line = (string) stream_get_line($stream, self::MOST_LINE, "\n");
        $files = [];
        $total = 0;
        foreach (JsonBody::parse($line)->objects('files', self::MOST_FILES) as $file) {
            $bytes = $file->optionalInt('bytes', 0, self::MOST_BYTES) ?? throw $file->wrong('bytes', 'is missing');
            $files[] = [$file->text('name', 1000), $bytes];
            $total += $bytes;
        }
        if ($files === []) {
            throw Refusal::badInput("'files' must name at least one file");
        }
        if ($total > self::MOST_BYTES) {
            throw Refusal::tooLarge('The body', self::MOST_BYTES);
        }

        return new self($files, $stream);
    }

    /**
     * One file after the other, until the body ends or is cut off.
     *
     * @return \Generator<int, array{string, resource, int}> name, bytes and their number
     */
    public function files(): \Generator
    {
        foreach ($this->files as $place => [$name, $bytes]) {
            $file = fopen('php://memory', 'w+b') ?: throw new \RuntimeException('PHP has no memory stream');
            try {
                if (stream_copy_to_stream($this->stream, $file, $bytes) !== $bytes) {
                    return;
                }
                rewind($file);
                yield $place => [$name, $file, $bytes];
            } finally {
                fclose($file);
            }
        }
    }

    /**
     * The answer for a file that is not taken. `is_final` says that another try cannot help: the fault is in the file.
     *
     * @return array{error: string, code: string, is_final: bool}
     */
    public static function refused(Refusal $refusal): array
    {
        $isOfFile = in_array($refusal->kind, [RefusalKind::BadInput, RefusalKind::TooLarge], true);

        return ['error' => $refusal->getMessage(), 'code' => $refusal->errorCode, 'is_final' => $isOfFile && $refusal->errorCode !== 'incomplete'];
    }
}
