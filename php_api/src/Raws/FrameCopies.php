<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\PositionCards;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Workers\TrustLevel;

/**
 * Decides which copy of a raw frame a worker gets: the frame itself, or one without the position of the telescope.
 *
 * Both have the same length. The list and the download carry the hash of the copy that this worker gets.
 */
final class FrameCopies
{
    private const TYPE = 'application/octet-stream';

    public function __construct(private readonly RawFrames $raws)
    {
    }

    /**
     * @param TrustLevel $level of the worker's key
     * @return array<string, mixed> the entry of job_files
     */
    public function describe(RawFrame $frame, TrustLevel $level): array
    {
        return $frame->toJson(self::isWhole($frame, $level) ? $frame->sha256 : $this->publicHash($frame));
    }

    /** @throws Refusal when the file is gone */
    public function serve(Request $request, RawFrame $frame, TrustLevel $level): Response
    {
        $path = $this->raws->pathOf($frame);
        if (self::isWhole($frame, $level)) {
            return FileResponse::fromDisk($request, $path, $frame->sha256, self::TYPE, $frame->filename);
        }
        $stream = self::open($path) ?? throw FileResponse::gone();
        $start = PositionCards::blankedStart($stream);
        fclose($stream);
        return FileResponse::fromDisk($request, $path, $this->publicHash($frame), self::TYPE, $frame->filename, $start);
    }

    private static function isWhole(RawFrame $frame, TrustLevel $level): bool
    {
        return $level === TrustLevel::Trusted || $frame->sharesPosition;
    }

    /**
     * Hash of the copy without position, computed once and stored. For a frame that is gone it is the frame's own; the
     * download reports that it is gone.
     */
    private function publicHash(RawFrame $frame): string
    {
        if ($frame->publicSha256 !== null) {
            return $frame->publicSha256;
        }
        $stream = self::open($this->raws->pathOf($frame));
        if ($stream === null) {
            return $frame->sha256;
        }
        $start = PositionCards::blankedStart($stream);
        $hash = hash_init('sha256');
        hash_update($hash, $start);
        fseek($stream, strlen($start));
        hash_update_stream($hash, $stream);
        fclose($stream);
        $sha256 = hash_final($hash);
        $this->raws->keepPublicHash($frame, $sha256);
        return $sha256;
    }

    /** @return resource|null */
    private static function open(string $path): mixed
    {
        $stream = @fopen($path, 'rb');
        return $stream === false ? null : $stream;
    }
}
