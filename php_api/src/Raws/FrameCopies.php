<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\PublicFrame;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Workers\TrustLevel;

/**
 * Decides which copy of a raw frame a worker gets: the frame itself under its own name, or the public copy, which is
 * called frame_<id>.fits because telescopes put local time into their names.
 *
 * The list and the download carry name, length and hash of the copy that this worker gets.
 */
final class FrameCopies
{
    private const TYPE = 'application/octet-stream';

    public function __construct(
        private readonly RawFrames $raws,
        private readonly HostIdentity $host,
    ) {
    }

    /**
     * @param TrustLevel $level of the worker's key
     * @return array<string, mixed> the entry of job_files
     */
    public function describe(RawFrame $frame, TrustLevel $level): array
    {
        return (self::isWhole($frame, $level) ? $frame : $this->withPublicHash($frame)->disguised())->toJson();
    }

    /** @throws Refusal when the file is gone, or may be in the data folder of another host */
    public function serve(Request $request, RawFrame $frame, TrustLevel $level): Response
    {
        $path = $this->raws->pathOf($frame);
        if (!is_file($path)) {
            $this->host->requireOwnFolder();
        }
        if (self::isWhole($frame, $level)) {
            return FileResponse::fromDisk($request, $path, $frame->sha256, self::TYPE, $frame->filename);
        }
        $stream = self::open($path) ?? throw FileResponse::gone();
        $copy = PublicFrame::of($stream, $frame->isStack);
        $public = $this->withPublicHash($frame)->disguised();
        return FileResponse::streamed($request, $copy->size(), $public->sha256, self::TYPE, $public->filename, self::printing($copy));
    }

    private static function isWhole(RawFrame $frame, TrustLevel $level): bool
    {
        return !$frame->hidesPosition && ($level === TrustLevel::Trusted || $frame->sharesPosition);
    }

    /** @return \Closure(int, int): void */
    private static function printing(PublicFrame $copy): \Closure
    {
        return static function (int $offset, int $length) use ($copy): void {
            $copy->read($offset, $length, static function (string $piece): void {
                echo $piece;
                flush();
            });
        };
    }

    /**
     * The frame with length and hash of its public copy, computed once and stored. A frame that is gone stays without;
     * the download reports that it is gone.
     */
    private function withPublicHash(RawFrame $frame): RawFrame
    {
        if ($frame->public !== null) {
            return $frame;
        }
        $stream = self::open($this->raws->pathOf($frame));
        if ($stream === null) {
            return $frame;
        }
        $copy = PublicFrame::of($stream, $frame->isStack);
        $public = new CopyOfFrame($copy->size(), $copy->sha256());
        fclose($stream);
        $this->raws->keepPublicCopy($frame, $public);
        return $frame->withPublic($public);
    }

    /** @return resource|null */
    private static function open(string $path): mixed
    {
        $stream = @fopen($path, 'rb');
        return $stream === false ? null : $stream;
    }
}
