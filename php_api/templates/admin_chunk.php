<?php
/**
 * @var CrowdSky\Regrouping\Chunk $chunk
 * @var ?string $owner
 * @var CrowdSky\Pages\Html $timeline
 * @var list<array{chunk: CrowdSky\Regrouping\Chunk, problem: ?string}> $others its neighbours, with why one cannot be merged with it
 * @var list<int> $chosenJobs what was ticked in a form that was refused
 * @var list<int> $chosenSubs likewise
 * @var int $chunkMinutes
 * @var string $csrfToken
 * @var ?CrowdSky\Pages\Veil $veil
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\ChunkTime;

$job = $chunk->job;
$isLocal = str_starts_with($job->headerClock ?? '', 'local');
$hidden = '<input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '"><input type="hidden" name="job" value="' . $e($job->id) . '">';
?>
<h1><?= $t('Chunk of job {id}: {object}', ['id' => $job->id, 'object' => $job->objectName ?? $t('unnamed object')]) ?> <?= $partial('job_state', ['job' => $job]) ?></h1>
<p class="facts"><?= $t('Owner') ?>: <?= $e($owner ?? Format::NONE) ?> · <code><?= $e($job->chunkKey) ?></code><?= $isLocal ? '' : ' · ' . $e(ChunkTime::of($texts, $job, $chunkMinutes)) ?>
    · <?= $e($job->telescope ?? Format::NONE) ?> · <?= $e($job->filterName ?? Format::NONE) ?> · <?= $e(Figures::seconds($texts, $job->exposureSeconds)) ?>
    · <?= $t->count(count($chunk->subs), '{n} sub', '{n} subs') ?> · <a href="job.php?id=<?= $e($job->id) ?>"><?= $t('Job {id}', ['id' => $job->id]) ?></a></p>
<?php if ($chunk->stackId !== null) : ?>
<p><?= $t('It has a <a href="stack.php?id={id}">stack</a>. That stays until the new one is verified; its light never counts twice.', ['id' => $chunk->stackId]) ?></p>
<?php endif ?>
<?php if ($job->status === JobStatus::Processing) : ?>
<p class="note"><?= $t('A worker is busy with it. A change takes the job from the worker, whose run is lost.') ?></p>
<?php endif ?>
<div class="scroll" role="region" aria-label="<?= $t('Subs') ?>" tabindex="0"><?= $timeline ?></div>
<p class="hint"><?= $t('A row for each chunk of this telescope, a stroke for each sub; the number is that of the job.') ?></p>
<?php if ($chunk->problem !== null) : ?>
<p class="note"><?= $e($texts->repeat($chunk->problem)) ?>.</p>
<?php endif ?>
<?php if ($job->mergedIntoId === null && in_array($job->status, [JobStatus::Failed, JobStatus::Cancelled], true)) : ?>
<form method="post" action="admin_chunks.php"><?= $hidden ?>
    <button name="action" value="queue"><?= $t('Queue this chunk') ?></button>
</form>
<?php endif ?>
<?php if ($chunk->problem === null) : ?>
<h2><?= $t('Merge with others') ?></h2>
<?php if ($others === []) : ?>
<p class="empty"><?= $t('No other chunk of this telescope was taken within four hours.') ?></p>
<?php else : ?>
<form method="post" action="admin_chunks.php"><?= $hidden ?>
    <fieldset class="chunk-choice"><legend><?= $t('Chunks that become one with this one') ?></legend>
<?php foreach ($others as ['chunk' => $other, 'problem' => $problem]) : ?>
        <label<?= $problem === null ? '' : ' class="hint"' ?>><input type="checkbox" name="jobs[]" value="<?= $e($other->job->id) ?>"<?= $problem === null ? '' : ' disabled' ?><?= in_array($other->job->id, $chosenJobs, true) ? ' checked' : '' ?>>
            <?= $t('Job {id}', ['id' => $other->job->id]) ?>, <code><?= $e($other->job->chunkKey) ?></code>,
            <?= $t->count(count($other->subs), '{n} sub', '{n} subs') ?><?= $other->stackId === null ? '' : ', ' . $t('has a stack') ?><?= $problem === null ? '' : '. ' . $e($texts->repeat($problem)) . '.' ?></label>
<?php endforeach ?>
    </fieldset>
    <button name="action" value="merge"><?= $t('Merge') ?></button>
</form>
<?php endif ?>
<h2><?= $t('Split') ?></h2>
<form method="post" action="admin_chunks.php"><?= $hidden ?>
    <fieldset class="chunk-choice"><legend><?= $t('Subs') ?></legend>
<?php foreach ($chunk->subs as $number => $sub) : ?>
        <label><input type="checkbox" name="subs[]" value="<?= $e($sub->frame->id) ?>"<?= in_array($sub->frame->id, $chosenSubs, true) ? ' checked' : '' ?>>
            <?= $e($number + 1) ?>: <?= $veil !== null && $isLocal ? '' : $e(substr($sub->exposure->startedAt ?? '', 11, 8)) ?> <?= $e($sub->filename) ?></label>
<?php endforeach ?>
    </fieldset>
    <div class="actions">
        <button name="action" value="cut"><?= $t('Split before the first ticked sub') ?></button>
        <button class="second" name="action" value="apart"><?= $t('Give the ticked subs a job of their own') ?></button>
    </div>
</form>
<?php endif ?>
