<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;

/**
 * Wires what receives uploads, for the pages as well as for other clients.
 */
final class UploadServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function sessions(): UploadSessions
    {
        return new UploadSessions($this->app->database(), $this->app->clock());
    }

    public function quota(): Quota
    {
        return new Quota($this->app->database(), $this->app->clock(), $this->app->config()->userQuotaBytes);
    }

    public function disk(): DiskRoom
    {
        $data = $this->app->data();
        $config = $this->app->config();
        // A folder of stacks that lies on another disk takes no room on this one.
        $isOneDisk = (stat($data->path('raws'))['dev'] ?? 0) === (stat($data->path('stacks'))['dev'] ?? 0);
        $areKept = $config->storage === 'local' && $isOneDisk;
        return new DiskRoom(new ExpectedResults($this->app->database(), $areKept), $this->app->log(), $this->app->clock(), $data->root, $config->minFreeBytes);
    }

    public function receiver(): SubReceiver
    {
        return new SubReceiver(
            $this->sessions(),
            $this->quota(),
            $this->disk(),
            $this->app->spool(),
            new HeaderReader(),
            new SubStore(
                $this->app->database(),
                $this->sessions(),
                $this->quota(),
                $this->app->raws(),
                HostServices::of($this->app)->identity(),
                $this->app->clock(),
            ),
            $this->app->config()->maxFileBytes,
            $this->app->config()->chunkMinutes,
        );
    }

    public function stackReceiver(): StackReceiver
    {
        return new StackReceiver(
            $this->quota(),
            $this->disk(),
            $this->app->spool(),
            new StackQueue(
                $this->app->database(),
                $this->sessions(),
                $this->quota(),
                $this->app->raws(),
                HostServices::of($this->app)->identity(),
                JobServices::of($this->app)->revival(),
                new StackJobs(
                    $this->app->database(),
                    JobServices::of($this->app)->events(),
                    $this->app->clock(),
                    $this->app->config()->maxAttempts,
                ),
            ),
            $this->app->config()->maxUploadedStackBytes,
            $this->app->config()->chunkMinutes,
        );
    }

    public function finalizer(): Finalizer
    {
        $closeness = new Closeness($this->app->config()->pointingToleranceDeg);

        return new Finalizer(
            $this->app->database(),
            $this->sessions(),
            $closeness,
            $this->placement($closeness),
            $this->app->raws(),
            $this->app->log(),
        );
    }

    public function known(): KnownFrames
    {
        return new KnownFrames($this->app->database());
    }

    public function nights(): NightList
    {
        return new NightList($this->app->database(), $this->app->config()->chunkMinutes);
    }

    public function history(): UploadHistory
    {
        return new UploadHistory($this->app->database());
    }

    private function placement(Closeness $closeness): ChunkPlacement
    {
        $leftOut = new LeftOutSubs($this->app->database(), $this->app->clock());

        return new ChunkPlacement(
            $this->app->database(),
            JobServices::of($this->app)->revival(),
            new ChunkJobs(
                $this->app->database(),
                JobServices::of($this->app)->events(),
                $leftOut,
                $this->app->clock(),
                $this->app->config()->maxAttempts,
            ),
            $leftOut,
            $closeness,
        );
    }
}
