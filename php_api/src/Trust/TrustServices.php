<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultServices;
use CrowdSky\Workers\WorkerServices;

/**
 * Wires what decides whether results of volunteers are accepted.
 */
final class TrustServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function policy(): TrustPolicy
    {
        $config = $this->app->config();
        return new TrustPolicy($config->volunteerProbation, $config->volunteerCheckEvery, $this->app->random(...));
    }

    public function held(): HeldResults
    {
        return new HeldResults($this->app->database());
    }

    public function secondOpinions(): SecondOpinions
    {
        $workers = WorkerServices::of($this->app);
        return new SecondOpinions(
            $this->held(),
            $workers->keyTrust(),
            $workers->registry(),
            JobServices::of($this->app)->events(),
            $this->app->storage(),
        );
    }

    /** Decisions by admins, or by time, on results that wait for a second opinion. */
    public function decisions(): HeldDecisions
    {
        $results = ResultServices::of($this->app);
        return new HeldDecisions(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->held(),
            $this->secondOpinions(),
            $results->publication(),
            $results->verifier(),
            WorkerServices::of($this->app)->keyTrust(),
            JobServices::of($this->app)->events(),
            $this->app->log(),
            $this->app->clock(),
            $this->app->config()->secondOpinionHours,
        );
    }

    public function knownAnswers(): KnownAnswers
    {
        return new KnownAnswers(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->app->clock(),
            $this->app->config()->volunteerKnownAnswerEvery,
            $this->app->random(...),
        );
    }

    public function knownAnswerCheck(): KnownAnswerCheck
    {
        return new KnownAnswerCheck(
            $this->app->database(),
            JobServices::of($this->app)->store(),
            $this->held(),
            $this->secondOpinions(),
            new PublishedFigures($this->app->database(), $this->app->storage()),
            $this->app->clock(),
        );
    }
}
