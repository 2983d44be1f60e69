<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var CrowdSky\Pages\StackClock $clock
 * @var ?CrowdSky\Pages\Veil $veil null for the owner
 * @var ?int $stackId
 * @var ?string $damagedAt when its stack was first found damaged, null when that reads back
 * @var list<array<string, mixed>> $events
 * @var list<array<string, mixed>> $subs
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobKind;

$isRescan = $job->kind === JobKind::Rescan;
$isOfAStack = $isRescan || $job->kind === JobKind::Series;
?>
<p class="trail"><?= $isOfAStack ? '<a href="stacks.php">My stacks</a>' : '<a href="status.php">My uploads</a>' ?></p>
<h1><?= $isRescan ? 'Rescan' : ($isOfAStack ? 'Series' : 'Job') ?> <?= $e($job->id) ?>: <?= $e($job->objectName ?? 'unnamed object') ?>
    <?= $partial('job_state', ['job' => $job]) ?></h1>
<?= $partial('job_progress', ['job' => $job]) ?>
<?php if ($damagedAt !== null) : ?>
<?= $partial('stack_damage', ['damagedAt' => $damagedAt, 'job' => $job]) ?>
<?php endif ?>
<?php if ($stackId !== null) : ?>
<p class="actions"><a class="button" href="stack.php?id=<?= $e($stackId) ?>">See the stack</a></p>
<?php endif ?>
<?= $partial('stack_zone', []) ?>
<?= $partial('job_actions', ['job' => $job, 'return' => '']) ?>
<?php if ($user->isAdmin() && !$job->status->isFinished()) : ?>
<form class="inline" method="post" action="job.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="job_id" value="<?= $e($job->id) ?>">
    <label for="priority">Priority</label>
    <input id="priority" name="priority" type="number" value="<?= $e($job->priority) ?>"
           min="<?= $e(JobAdmin::MIN_PRIORITY) ?>" max="<?= $e(JobAdmin::MAX_PRIORITY) ?>">
    <button class="second" name="action" value="priority">Set</button>
</form>
<?php endif ?>
<h2>Facts</h2>
<dl class="facts-list">
    <dt>Chunk</dt><dd><code><?= $e($job->chunkKey) ?></code> <span class="hint"><?= $e($job->chunkKeyHp) ?></span></dd>
    <dt>Pointing</dt><dd><?= $e(Format::position($job->raDeg, $job->decDeg)) ?></dd>
    <dt>Telescope</dt><dd><?= $e($job->telescope ?? Format::NONE) ?></dd>
    <dt>Filter</dt><dd><?= $e($job->filterName ?? Format::NONE) ?></dd>
    <dt>Exposure of a sub</dt><dd><?= $e(Format::seconds($job->exposureSeconds)) ?></dd>
<?php if ($clock->isLocal) : ?>
    <dt>Times</dt><dd>local. Only workers that read local times take this job.
<?php if ($veil === null) : ?>
        Time zone: <?= $e($clock->zone ?? 'not known') ?><?= $clock->isWithoutUtc && $clock->zone !== null ? ', set later' : '' ?>,
        <a href="account.php#zones"><?= $clock->zone === null ? 'set' : 'change' ?> it</a>.
<?php endif ?></dd>
<?php endif ?>
    <dt>Queued</dt><dd><?= $time($job->createdAt) ?></dd>
    <dt>Runs</dt><dd><?= $e($job->attempts) ?> of <?= $e($job->maxAttempts) ?></dd>
    <dt>Worker</dt><dd><?= $e($job->workerName ?? Format::NONE) ?></dd>
</dl>
<h2>What happened</h2>
<div class="scroll" role="region" aria-label="What happened" tabindex="0">
<table class="stacked">
    <thead><tr><th>When</th><th>Who</th><th>What</th><th>Detail</th></tr></thead>
    <tbody>
<?php foreach ($events as $event) : ?>
        <tr>
            <td data-label="When"><?= $time($event['at']) ?></td>
            <td data-label="Who"><?= $e($event['actor']) ?></td>
            <td data-label="What"><?= $e(str_replace('_', ' ', $event['event'])) ?></td>
            <td class="long" data-label="Detail"><?= $e($event['detail'] ?? '') ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php if (!$isRescan && $job->kind->resultCall() === null) : ?>
<details class="subs">
    <summary><?= $e($job->kind === JobKind::Uploaded ? $job->material() : Format::count(count($subs), 'sub', 'subs')) ?></summary>
    <div class="scroll" role="region" aria-label="Subs" tabindex="0">
    <table class="stacked">
        <thead><tr><th>Number</th><th>File</th><th>Taken</th><th>Exposure</th><th>Size</th></tr></thead>
        <tbody>
<?php foreach ($subs as $sub) : ?>
            <tr>
                <td data-label="Number"><?= $e((string) $sub['id']) ?></td>
                <td data-label="File"><?= $e($sub['filename']) ?></td>
<?php if (!str_starts_with($sub['header_clock'] ?? '', 'local')) : ?>
                <td data-label="Taken"><?= $time($sub['fits_date_obs']) ?></td>
<?php else : // local time tells where somebody lives ?>
                <td data-label="Taken"><?= $veil === null ? $e($sub['fits_date_obs']) . ' local time' : $e(Format::NONE) ?></td>
<?php endif ?>
                <td data-label="Exposure"><?= $e(Format::seconds($sub['fits_exptime'])) ?></td>
                <td data-label="Size"><?= $e(Format::bytes($sub['file_size_bytes'])) ?><?= $sub['deleted_at'] === null ? '' : ' (removed)' ?></td>
            </tr>
<?php endforeach ?>
        </tbody>
    </table>
    </div>
</details>
<?php endif ?>
