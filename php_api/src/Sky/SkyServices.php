<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Kernel\App;

/** Wires the queries of the archive. */
final class SkyServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function stacks(): VisibleStacks
    {
        return new VisibleStacks($this->app->database());
    }

    public function search(): StackSearch
    {
        return new StackSearch($this->app->database(), $this->places(), new ObjectNames($this->app->database()));
    }

    public function solved(): SolvedStacks
    {
        return new SolvedStacks($this->app->database(), $this->places());
    }

    public function coverageMap(): CoverageMap
    {
        return new CoverageMap($this->solved(), $this->app->data());
    }

    public function coverage(): SkyCoverage
    {
        return new SkyCoverage($this->app->database(), $this->places());
    }

    public function places(): Places
    {
        return new Places($this->app->database());
    }
}
