<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var array<int, CrowdSky\Jobs\RunEstimate> $estimates of the jobs that run, by job id
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Pages\Nights\RunView;

?>
<?php if ($job->status === JobStatus::Processing) : ?>
<?php $run = RunView::of($texts, $job, $estimates[$job->id]) ?>
<?php if ($run->steps !== []) : ?>
    <ol class="steps">
<?php foreach ($run->steps as $step) : ?>
        <li class="<?= $e($step['state']) ?>"<?= $step['state'] === 'now' ? ' aria-current="step"' : '' ?>><?= $e($step['word']) ?><?= $step['time'] === '' ? '' : ' <small>' . $e($step['time']) . '</small>' ?></li>
<?php endforeach ?>
    </ol>
<?php endif ?>
    <p class="progress"><progress max="100" aria-label="<?= $t('Progress of this step') ?>"<?= $run->percent === null ? '' : ' value="' . $e($run->percent) . '"' ?>></progress>
        <span><?= $e($run->doing) ?><?= $run->percent === null ? '' : ' ' . $e($run->percent) . ' %' ?><?= $run->detail === '' ? '' : ' (' . $e($run->detail) . ')' ?>, <?= $e($run->left) ?></span></p>
<?php elseif ($job->nHeld > 0 && !$job->status->isFinished()) : ?>
    <p class="hint"><?= $t('Stacked, and waiting for a second opinion: another worker does the same, and what they agree on is kept.') ?></p>
<?php elseif ($job->status === JobStatus::Pending && $job->afterJobId === null) : ?>
    <p class="hint"><?= $t('Waiting for a free worker since {when}.', ['when' => $time($job->createdAt)]) ?></p>
<?php elseif ($job->status === JobStatus::Retry) : ?>
    <p class="hint"><?= $t('Try {n} of at most {most} did not succeed; the next one comes by itself.', ['n' => $job->attempts, 'most' => $job->maxAttempts]) ?></p>
<?php endif ?>
<?php if ($job->mergedIntoId !== null) : ?>
    <p class="hint"><?= $t('An admin merged this chunk into that of <a href="job.php?id={job}">job {job}</a>.', ['job' => $job->mergedIntoId]) ?></p>
<?php elseif ($job->afterJobId !== null) : ?>
    <p class="hint"><?= $t('This chunk waits for the new stack of job {id}, whose present one still has the light of its subs.', ['id' => $job->afterJobId]) ?></p>
<?php endif ?>
<?php if ($job->errorMessage !== null && $job->status !== JobStatus::Completed) : ?>
    <p class="<?= $job->status === JobStatus::Failed ? 'problem' : 'hint' ?>"><?= $e($texts->repeat($job->errorMessage)) ?></p>
<?php endif ?>
