<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\LeftOutSubs;

/** Wires what merges and splits chunks. */
final class RegroupingServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function reader(): ChunkReader
    {
        return new ChunkReader($this->app->database(), $this->blocks());
    }

    public function rules(): MergeRules
    {
        return new MergeRules(new Closeness($this->app->config()->pointingToleranceDeg), $this->blocks());
    }

    public function merge(): ChunkMerge
    {
        return new ChunkMerge(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->reader(),
            $this->rules(),
            $this->regrouped(),
            new LeftOutSubs($this->app->database(), $this->app->clock()),
            $this->log(),
        );
    }

    public function split(): ChunkSplit
    {
        $jobs = JobServices::of($this->app);

        return new ChunkSplit($this->app->database(), $jobs->store(), $jobs->events(), $this->reader(), $this->regrouped(), $this->log(), $this->app->clock());
    }

    public function undo(): ChangeUndo
    {
        return new ChangeUndo($this->app->database(), $this->reader(), $this->regrouped(), $this->log());
    }

    public function log(): ChangeLog
    {
        return new ChangeLog($this->app->database(), $this->app->clock());
    }

    private function blocks(): BlockOrder
    {
        return new BlockOrder($this->app->config()->chunkMinutes);
    }

    private function regrouped(): RegroupedJobs
    {
        $jobs = JobServices::of($this->app);

        return new RegroupedJobs($this->app->database(), $jobs->store(), $jobs->events(), $this->app->clock());
    }
}
