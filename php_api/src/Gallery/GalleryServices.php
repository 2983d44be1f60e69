<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\ObjectNames;
use CrowdSky\Sky\SkyServices;

/** Wires the gallery: its lists, choices, map and downloads. */
final class GalleryServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function list(): GalleryList
    {
        return new GalleryList($this->app->database(), SkyServices::of($this->app)->places(), $this->query());
    }

    public function ids(): GalleryIds
    {
        return new GalleryIds($this->app->database(), SkyServices::of($this->app)->places(), $this->query(), $this->cache());
    }

    public function choices(): GalleryChoices
    {
        return new GalleryChoices($this->app->database());
    }

    public function selection(): Selection
    {
        return new Selection($this->app->database());
    }

    public function map(): SkyMap
    {
        return new SkyMap($this->app->database(), $this->cache());
    }

    public function showcase(): Showcase
    {
        return new Showcase($this->app->database(), SkyServices::of($this->app)->search());
    }

    public function face(): PublicFace
    {
        return new PublicFace($this->app->database(), SkyServices::of($this->app)->places(), $this->cache(), $this->showcase());
    }

    private function query(): GalleryQuery
    {
        return new GalleryQuery($this->app->database(), new ObjectNames($this->app->database()), new Spellings($this->app->database()));
    }

    private function cache(): PartCache
    {
        return new PartCache($this->app->data(), new StackChanges($this->app->database()));
    }
}
