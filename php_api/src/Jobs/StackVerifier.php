<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Http\HttpError;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;

/**
 * Reads a reported result back from storage, byte for byte, before anything is believed.
 */
final class StackVerifier
{
    /** Contract, section 6.1; FOOTPRINT, STAR-TAB and FRAMES may be absent. */
    private const REQUIRED_PARTS = ['RED', 'GREEN', 'BLUE'];
    private const PNG_START = "\x89PNG\r\n\x1a\n";

    public function __construct(private readonly ObjectStorage $storage)
    {
    }

    /**
     * @param int|null $size bytes, as reported
     * @param string|null $sha256 hex, as reported
     * @throws HttpError 422 not_stored when it is absent, differs from the report, or is no stack
     */
    public function verifyStack(string $path, ?int $size, ?string $sha256): VerifiedObject
    {
        $outline = new FitsOutline();
        $stored = $this->readThrough($path, $outline->feed(...));
        $this->compare('stack', $stored, $size, $sha256);
        $problem = $outline->problem(self::REQUIRED_PARTS);
        if ($problem !== null) {
            throw HttpError::unprocessable("The stored stack cannot be used: $problem", 'not_stored');
        }
        return $stored;
    }

    /**
     * @param int|null $size bytes, as reported
     * @throws HttpError 422 not_stored when it is absent, of another size, or no PNG
     */
    public function verifyThumbnail(string $path, ?int $size): void
    {
        $start = '';
        $stored = $this->readThrough($path, static function (string $piece) use (&$start): void {
            if (strlen($start) < strlen(self::PNG_START)) {
                $start .= substr($piece, 0, strlen(self::PNG_START));
            }
        });
        $this->compare('thumbnail', $stored, $size, null);
        if (!str_starts_with($start, self::PNG_START)) {
            throw HttpError::unprocessable('The stored thumbnail is not a PNG', 'not_stored');
        }
    }

    /**
     * Whether the object under $path is there and has exactly these bytes.
     */
    public function holds(string $path, string $sha256): bool
    {
        try {
            return hash_equals($sha256, $this->read($path, null)->sha256);
        } catch (ObjectMissing) {
            return false;
        }
    }

    /** @param callable(string): void $look */
    private function readThrough(string $path, callable $look): VerifiedObject
    {
        try {
            return $this->read($path, $look);
        } catch (ObjectMissing) {
            throw HttpError::unprocessable("$path is not in storage; upload it first", 'not_stored');
        }
    }

    /** @param (callable(string): void)|null $look */
    private function read(string $path, ?callable $look): VerifiedObject
    {
        $hash = hash_init('sha256');
        $size = 0;
        $this->storage->read($path, static function (string $piece) use ($hash, $look, &$size): void {
            hash_update($hash, $piece);
            $size += strlen($piece);
            if ($look !== null) {
                $look($piece);
            }
        });
        return new VerifiedObject($size, hash_final($hash));
    }

    private function compare(string $what, VerifiedObject $stored, ?int $size, ?string $sha256): void
    {
        if ($size !== null && $stored->size !== $size) {
            throw HttpError::unprocessable("The stored $what has {$stored->size} bytes, not $size; upload it again", 'not_stored');
        }
        if ($sha256 !== null && !hash_equals($stored->sha256, $sha256)) {
            throw HttpError::unprocessable("The stored $what holds other bytes than reported; upload it again", 'not_stored');
        }
    }
}
