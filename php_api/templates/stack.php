<?php
/**
 * @var CrowdSky\Stacks\Stack $stack
 * @var ?CrowdSky\Measurements\Measurement $measurement
 * @var ?CrowdSky\Rescans\RescanState $rescan
 * @var list<CrowdSky\Series\Series> $series
 * @var CrowdSky\Jobs\Job $job
 * @var CrowdSky\Pages\StackClock $clock
 * @var ?CrowdSky\Pages\Veil $veil null for the owner
 * @var bool $isPublic
 * @var string $licence  of public stacks; empty if none is stated
 * @var bool $isManaged whether the reader is its owner or an admin
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var list<CrowdSky\LightCurves\FoundStar> $stars brightest of the stack; empty without a login
 * @var ?string $telescopeId
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\StackClock;
use CrowdSky\Results\ResultKind;

$notes = array_filter($stack->notes, static fn (string $note): bool => $measurement === null || !$measurement->repeats($note));
$isLive = $isManaged && ($rescan?->isLive() === true
    || array_filter($series, static fn ($one): bool => !$one->status->isFinished()) !== []);
// The picture changes with each rescan, and browsers may cache it until then.
$version = substr($stack->sha256, 0, 8);
?>
<?php if ($isManaged) : ?>
<p class="trail"><a href="stacks.php"><?= $t('Stacks') ?></a></p>
<?php endif ?>
<div id="live"<?= $isLive ? ' data-live' : '' ?>>
<h1><?= $e($stack->objectName ?? $texts->say('Unnamed object')) ?> <?= $partial('solved_mark', ['isSolved' => $stack->isSolved]) ?></h1>
<?php if ($stack->damagedAt !== null && $isManaged) : ?>
<?= $partial('stack_damage', ['damagedAt' => $stack->damagedAt, 'job' => $job]) ?>
<?php endif ?>
<?php if ($measurement?->mismatch !== null) : ?>
<p class="problem"><?= $e(ucfirst($texts->repeat($measurement->mismatch))) ?></p>
<?php endif ?>
<div class="stack">
<?= $partial('stack_pictures', []) ?>
    <div>
        <p class="actions">
<?php if (!$isManaged) : ?>
            <a class="button" href="download.php?id=<?= $e($stack->id) ?>&amp;form=public"><?= $t('Download FITS') ?>
                <span class="hint"><?= $user === null ? $t('log in first') : $e(Figures::bytes($texts, $stack->bytes)) ?></span></a>
<?php elseif ($stack->damagedAt === null) : ?>
            <a class="button" href="download.php?id=<?= $e($stack->id) ?>"><?= $t('Download FITS') ?>
                <span class="hint"><?= $e(Figures::bytes($texts, $stack->bytes)) ?></span></a>
            <a class="button second" href="download.php?id=<?= $e($stack->id) ?>&amp;form=cube"><?= $t('Colour cube <span class="hint">for Siril</span>') ?></a>
            <a class="button second" href="download.php?id=<?= $e($stack->id) ?>&amp;form=public"><?= $t('Copy to pass on <span class="hint">without place and names</span>') ?></a>
<?php else : ?>
            <a class="button second" href="download.php?id=<?= $e($stack->id) ?>"><?= $t('Download <span class="hint">what is left of it</span>') ?></a>
<?php endif ?>
<?php if ($stack->isSolved === true) : ?>
            <a class="button second" href="blink.php?a=<?= $e($stack->id) ?>"><?= $t('Blink') ?> <span class="hint"><?= $t('with another stack of this field') ?></span></a>
<?php endif ?>
<?php if ($stack->has(ResultKind::Stars)) : ?>
            <a class="button second" href="stars.php?id=<?= $e($stack->id) ?>&amp;v=<?= $e($version) ?>"><?= $t('Star list (JSON)') ?><?= $user === null ? '
                <span class="hint">' . $t('log in first') . '</span>' : '' ?></a>
<?php endif ?>
        </p>
<?php foreach ($isManaged ? $notes : [] as $note) : ?>
        <p class="note"><?= $e($texts->repeat(StackClock::plainNote($note))) ?></p>
<?php endforeach ?>
<?= $partial('stack_zone', []) ?>
        <dl class="facts-list">
            <dt><?= $t('Begin') ?></dt><dd><?= $stack->dateObsStart === null && $clock->localStart !== null && $veil === null
                ? $e(Figures::localTime($texts, $clock->localStart)) : $time($stack->dateObsStart) ?></dd>
            <dt><?= $t('End') ?></dt><dd><?= $time($stack->dateObsEnd) ?></dd>
            <dt><?= $t('Subs combined') ?></dt><dd><?= $t('{n} of {all}', ['n' => $t->number($stack->framesAligned), 'all' => $t->number($stack->framesInput)]) ?></dd>
            <dt><?= $t('Exposure') ?></dt><dd><?= $e(Figures::seconds($texts, $stack->totalExposure)) ?></dd>
<?php if ($measurement?->solution === null) : ?>
            <dt><?= $t('Pointing') ?></dt><dd><?= $e(Figures::position($texts, $stack->ra, $stack->dec)) ?><?= $stack->ra === null ? '' : ' <span class="hint">' . $t('as the telescope said') . '</span>' ?></dd>
<?php endif ?>
            <dt><?= $t('Stars found') ?></dt><dd><?= $stack->starsDetected === null ? Format::NONE : $t->number($stack->starsDetected) ?></dd>
            <dt><?= $t('Telescope') ?></dt><dd><?= $e($stack->telescope ?? Format::NONE) ?><?php if ($telescopeId !== $stack->telescope) : ?>
                <span class="hint"><?= $t('names no unit; here it is <code>{name}</code>', ['name' => $telescopeId]) ?></span><?php endif ?></dd>
            <dt><?= $t('Filter') ?></dt><dd><?= $e($stack->filter ?? Format::NONE) ?></dd>
            <dt><?= $t('Chunk') ?></dt><dd><code><?= $e($stack->chunkKey) ?></code> <span class="hint"><?= $e($stack->healpixKey) ?></span></dd>
            <dt><?= $t('Stacked') ?></dt><dd><?= $isManaged && $stack->workerName !== null
                ? $t('{date} by {worker}', ['date' => $time($stack->createdAt), 'worker' => $stack->workerName])
                : $t('{date} by a worker', ['date' => $time($stack->createdAt)]) ?><?= $stack->engine === null ? '' : ', ' . $e($stack->engine) ?></dd>
<?php if ($stack->isSmoothed === null) : ?>
            <dt><?= $t('Pixels') ?></dt><dd><?= $t('uploaded as a finished stack <span class="hint">whether its noise was smoothed is not known</span>') ?></dd>
<?php elseif ($stack->isSmoothed) : ?>
            <dt><?= $t('Pixels') ?></dt><dd><?= $t('smoothed <span class="hint">by an older version: noise and errors measured on them come out too small; its stars, sky and zero points hold</span>') ?></dd>
<?php endif ?>
<?php if ($isPublic) : ?>
            <dt><?= $t('Licence') ?></dt><dd><?= $licence !== '' ? $e($licence) : $t('none is stated by this site; ask its operator before you publish it') ?></dd>
<?php endif ?>
<?php if ($isManaged) : ?>
            <dt>SHA-256</dt><dd><code class="long"><?= $e($stack->sha256) ?></code></dd>
<?php endif ?>
        </dl>
<?php if ($isManaged) : ?>
        <p><a href="job.php?id=<?= $e($stack->jobId) ?>"><?= $t('Job {id}: subs, history, delete', ['id' => $stack->jobId]) ?></a></p>
<?php endif ?>
<?php if ($veil === null) : ?>
<?= $partial('stack_visibility', []) ?>
<?php endif ?>
<?= $partial('stack_solution', []) ?>
<?php if ($measurement?->photometry !== null) : ?>
<?= $partial('stack_photometry', ['photometry' => $measurement->photometry]) ?>
<?php endif ?>
<?php if ($measurement?->photometry !== null || $stars !== []) : ?>
<?= $partial('stack_stars', []) ?>
<?php endif ?>
<?php if ($user !== null && $stack->has(ResultKind::Stars)) : ?>
<?= $partial('stack_star_table', []) ?>
<?php endif ?>
<?= $partial('stack_series', []) ?>
<?php if ($isManaged) : ?>
<?= $partial('stack_rescan', []) ?>
<?php endif ?>
<?php if ($measurement !== null && $measurement->objects !== []) : ?>
<?= $partial('stack_objects', ['objects' => $measurement->objects]) ?>
<?php endif ?>
    </div>
</div>
</div>
<?php if ($isLive) : ?>
<script type="module" src="assets/js/nights/page.js"></script>
<?php endif ?>
