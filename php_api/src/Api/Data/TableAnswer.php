<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Tables\CsvTable;
use CrowdSky\Tables\EcsvTable;
use CrowdSky\Tables\JsonTable;
use CrowdSky\Tables\ParquetFile;
use CrowdSky\Tables\Table;
use CrowdSky\Tables\TableFormat;
use CrowdSky\Tables\VoTableFile;

/**
 * Answers with a table in the format that a call wants.
 *
 * It is written before the first byte is sent, beyond some megabytes into a file that vanishes: an error is then an
 * error and not a table cut short, no slow reader holds a query open, and length and hash are known.
 */
final class TableAnswer
{
    public const PARAMETER = 'format';
    private const JSON = 'json';
    private const FORMATS = [
        self::JSON => JsonTable::class, 'csv' => CsvTable::class, 'ecsv' => EcsvTable::class, 'votable' => VoTableFile::class,
        'parquet' => ParquetFile::class,
    ];
    private const IN_MEMORY = 4 << 20;
    private const PIECE = 256 << 10;

    /**
     * @param list<string> $further names of formats that the call itself writes
     * @return string the name of the format
     * @throws Refusal for a format that there is not
     */
    public static function wanted(DataCall $call, array $further = []): string
    {
        return $call->choice(self::PARAMETER, [...array_keys(self::FORMATS), ...$further]) ?? self::JSON;
    }

    /**
     * @param string $wanted of wanted()
     * @param string $stem of the file's name
     */
    public static function of(Request $request, string $wanted, Table $table, string $stem): Response
    {
        /** @var TableFormat $format */
        $format = new (self::FORMATS[$wanted])();

        $write = static fn (\Closure $sink) => $format->write($table, $sink);

        return $wanted === self::JSON
            ? self::whole($write, $format->mediaType())
            : self::file($request, $write, $format->mediaType(), "$stem.{$format->extension()}");
    }

    /** @param \Closure(\Closure(string): mixed): mixed $write gives the pieces of the file to its argument */
    public static function file(Request $request, \Closure $write, string $type, string $name): Response
    {
        [$size, $sha256, $print] = self::written($write);

        return FileResponse::streamed($request, $size, $sha256, $type, $name, $print)->with(['X-SHA256' => $sha256]);
    }

    /** JSON is an answer and no file: a part of it would be none. */
    private static function whole(\Closure $write, string $type): Response
    {
        [$size, $sha256, $print] = self::written($write);
        $headers = ['Content-Type' => $type, 'Content-Length' => (string) $size, 'ETag' => "\"$sha256\"", 'X-SHA256' => $sha256];

        return new Response(200, $headers, static fn () => $print(0, $size));
    }

    /** @return array{int, string, \Closure(int, int): void} length and SHA-256 of what was written, and what prints a part of it */
    private static function written(\Closure $write): array
    {
        $file = fopen('php://temp/maxmemory:' . self::IN_MEMORY, 'w+b');
        $hash = hash_init('sha256');
        $held = '';
        $flush = static function () use ($file, $hash, &$held): void {
            hash_update($hash, $held);
            if (fwrite($file, $held) !== strlen($held)) {
                throw Refusal::noRoom('The server has no room to write this answer; ask for less at a time');
            }
            $held = '';
        };
        // Formats write row by row, which is too little at a time for a hash and a file.
        $write(static function (string $piece) use ($flush, &$held): void {
            $held .= $piece;
            if (strlen($held) >= self::PIECE) {
                $flush();
            }
        });
        $flush();
        $size = (int) ftell($file);

        return [$size, hash_final($hash), static function (int $offset, int $length) use ($file): void {
            fseek($file, $offset);
            while ($length > 0 && ($piece = fread($file, min(self::PIECE, $length))) !== false && $piece !== '') {
                $length -= strlen($piece);
                echo $piece;
                flush();
            }
        }];
    }
}
