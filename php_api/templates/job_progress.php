<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Jobs\JobStatus;

?>
<?php if ($job->status === JobStatus::Processing) : ?>
    <p class="progress"><progress max="1" value="<?= $e($job->progress ?? 0) ?>">
        <?= $e(round(100 * ($job->progress ?? 0))) ?> %</progress>
        <span><?= $e($job->progressMessage ?? $job->stage ?? 'working') ?></span></p>
<?php elseif ($job->nHeld > 0 && !$job->status->isFinished()) : ?>
    <p class="hint">Stacked, and waiting for a second opinion: another worker does the same, and what they agree on is kept.</p>
<?php elseif ($job->status === JobStatus::Pending) : ?>
    <p class="hint">Waiting for a free worker since <?= $time($job->createdAt) ?>.</p>
<?php elseif ($job->status === JobStatus::Retry) : ?>
    <p class="hint">Run <?= $e($job->attempts) ?> of <?= $e($job->maxAttempts) ?> did not succeed; it will be tried again.</p>
<?php endif ?>
<?php if ($job->errorMessage !== null && $job->status !== JobStatus::Completed) : ?>
    <p class="<?= $job->status === JobStatus::Failed ? 'problem' : 'hint' ?>"><?= $e($job->errorMessage) ?></p>
<?php endif ?>
