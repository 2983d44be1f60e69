<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Results\ResultServices;
use CrowdSky\Series\SeriesServices;
use CrowdSky\Stars\StarServices;

/**
 * Wires the adoption of stacks, series and calibrations that have no row.
 */
final class AdoptionServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function accounts(): Accounts
    {
        return new Accounts($this->app->database(), $this->app->clock());
    }

    /** Stacks first; their stars have to be read before what was measured together with them can be told apart. */
    public function run(?User $fallback, bool $withForeign, AdoptionReport $report): void
    {
        $ids = CustodyServices::of($this->app)->ids();
        $own = $withForeign ? null : [$ids->current()->id, ...$ids->former()];
        $this->adoption()->run($fallback, $own, $report);
        $this->series()->run($own, $report);
        $unread = $report->dryRun ? [] : $this->readStars();
        if ($unread !== []) {
            // A version that is adopted without some of its epochs never gets them back.
            $report->postponed('calibrations', 'the files of stacks are missing in storage: ' . implode(', ', $unread) . '; adopt again when they are'
                . ' there, or when cleanup.php --verify has found them damaged');
            return;
        }
        $this->calibrations()->run($report);
    }

    /** @return list<int> stacks whose files are missing */
    private function readStars(): array
    {
        $missing = StarServices::of($this->app)->intake()->catchUp(null, static fn (): bool => true)->missing;
        $series = SeriesServices::of($this->app)->stars();
        do {
            $read = $series->catchUp();
        } while ($read > 0);
        return $missing;
    }

    private function series(): SeriesAdoption
    {
        return new SeriesAdoption(
            $this->app->database(),
            $this->app->storage(),
            $this->copies(),
            SeriesServices::of($this->app)->orders(),
            $this->app->clock(),
            $this->app->config()->storageBase,
        );
    }

    private function calibrations(): CalibrationAdoption
    {
        return new CalibrationAdoption(
            $this->app->database(),
            $this->app->storage(),
            $this->copies(),
            CalibrationServices::of($this->app)->register(),
            new FoundNumbers($this->app->database()),
            $this->accounts(),
            $this->app->clock(),
            $this->app->config()->storageBase,
        );
    }

    private function copies(): StoredCopies
    {
        return new StoredCopies($this->app->storage(), $this->app->spool());
    }

    private function adoption(): Adoption
    {
        $database = $this->app->database();
        $storage = $this->app->storage();
        $jobs = JobServices::of($this->app);
        $results = ResultServices::of($this->app);
        $ids = CustodyServices::of($this->app)->ids();
        return new Adoption(
            $database,
            $storage,
            $this->app->config()->storageBase,
            $this->accounts(),
            $results->verifier(),
            new Placements($database, $jobs->store(), $storage, $ids->current(), $this->app->clock()),
            new StackAdmission(
                $database,
                $jobs->store(),
                $jobs->events(),
                $results->publication(),
                $results->register(),
                new MeasurementStore($database),
                $this->app->clock(),
            ),
        );
    }
}
