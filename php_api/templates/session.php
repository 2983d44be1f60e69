<?php
/**
 * @var CrowdSky\Uploads\UploadSession $session
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var list<array<string, mixed>> $files  of a session that is not finished
 * @var list<CrowdSky\Jobs\Job> $jobs
 * @var array<int, int> $stacks  job id => stack id
 * @var list<array<string, mixed>> $skipped
 * @var list<array{filename: string, reason: string}> $leftOut
 * @var int $chunkMinutes
 * @var int $rawGraceHours
 * @var int $failedRawDays
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Uploads\SameLight;

$isLive = array_filter($jobs, fn (Job $job) => !$job->status->isFinished()) !== [];
$failed = count(array_filter($jobs, fn (Job $job) => $job->status === JobStatus::Failed));
$done = count(array_filter($jobs, fn (Job $job) => $job->status === JobStatus::Completed));
?>
<p class="trail"><a href="status.php"><?= $t('My nights') ?></a> › <a href="status.php?view=uploads"><?= $t('My uploads') ?></a></p>
<h1><?= $t('Upload {id}', ['id' => $session->id]) ?></h1>
<?= $partial('zone_banner', ['zoneless' => $zoneless]) ?>
<div id="live"<?= $isLive ? ' data-live' : '' ?>>
<?php if ($session->status === 'uploading') : ?>
<p><?= $t->count(count($files), '{n} sub has arrived. Nothing is stacked until you say so.', '{n} subs have arrived. Nothing is stacked until you say so.') ?></p>
<div class="actions">
    <a class="button second" href="upload.php"><?= $t('Send more') ?></a>
<?php if ($files !== []) : ?>
    <form method="post" action="finalize.php">
        <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
        <input type="hidden" name="session_token" value="<?= $e($session->token) ?>">
        <button><?= $t('Stack what has arrived') ?></button>
    </form>
<?php endif ?>
</div>
<?php elseif ($session->status === 'expired') : ?>
<p><?= $t('This upload was never submitted for stacking and has expired. Its subs are gone; <a href="upload.php">upload them again</a>.') ?></p>
<?php elseif ($session->status === 'discarded') : ?>
<p><?= $t('You have discarded this upload. Its subs are deleted.') ?></p>
<?php elseif ($jobs === [] && $skipped === [] && $leftOut === []) : ?>
<p class="empty"><?= $t('There is nothing left of this upload.') ?></p>
<?php elseif ($jobs === [] && $leftOut !== []) : ?>
<p><?= $t('Nothing new to stack: all of this light is in your stacks or waits for one already.') ?></p>
<?php elseif ($jobs !== []) : ?>
<p><?= $t->count(count($jobs), 'It made {n} chunk: {done} stacked, {failed} failed.', 'It made {n} chunks: {done} stacked, {failed} failed.', ['done' => $done, 'failed' => $failed]) ?>
    <?= $failed > 0 ? $t('Why is said below.') : '' ?></p>
<p class="hint"><?= $t('Raw subs are deleted {hours} hours after their stack is stored and verified, those of failed chunks after {days} days.', ['hours' => $rawGraceHours, 'days' => $failedRawDays]) ?></p>
<?php endif ?>
<?php if ($skipped !== []) : ?>
<p class="note"><?= $t->count(count($skipped), '{n} chunk is not stacked again, because all its subs are in a stack already: {chunks}.', '{n} chunks are not stacked again, because all their subs are in stacks already: {chunks}.', [
    'chunks' => implode('; ', array_map(fn (array $row): string => Format::chunk((string) $row['chunk_key'], $chunkMinutes), $skipped)),
]) ?></p>
<?php endif ?>
<?php if ($leftOut !== []) : ?>
<details class="subs">
    <summary><?= $t->count(count($leftOut), '{n} sub is left out, because light counts once', '{n} subs are left out, because light counts once') ?></summary>
    <ul class="files">
<?php foreach ($leftOut as $sub) : ?>
        <li><span class="name"><?= $e($sub['filename']) ?></span> <span class="why"><?= $e($texts->repeat($sub['reason'])) ?></span></li>
<?php endforeach ?>
    </ul>
<?php if (array_filter($leftOut, static fn (array $sub): bool => SameLight::isOfJob($sub['reason'])) !== []) : ?>
    <p class="hint"><?= $t('Is the sub of the other job the worse one? Delete that job and upload this one again.') ?></p>
<?php endif ?>
</details>
<?php endif ?>
<?php foreach ($jobs as $job) : ?>
<?= $partial('job_card', ['job' => $job, 'stackId' => $stacks[$job->id] ?? null, 'return' => "status.php?session={$session->token}"]) ?>
<?php endforeach ?>
</div>
<?= $isLive ? $partial('live', []) : '' ?>
