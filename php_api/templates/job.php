<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var CrowdSky\Pages\StackClock $clock
 * @var ?CrowdSky\Pages\Veil $veil null for the owner
 * @var ?int $stackId
 * @var ?CrowdSky\Regrouping\ChunkChange $change the latest that an admin has made by hand
 * @var ?string $damagedAt when its stack was first found damaged, null when that reads back
 * @var list<array<string, mixed>> $events
 * @var ?CrowdSky\Pages\Admin\JobTimeline $timeline for admins
 * @var list<array<string, mixed>> $subs
 * @var int $chunkMinutes
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\ChunkTime;
use CrowdSky\Pages\Nights\JobWords;

$isRescan = $job->kind === JobKind::Rescan;
$isOfAStack = $isRescan || $job->kind === JobKind::Series;
$object = ['id' => $job->id, 'object' => $job->objectName ?? $t('unnamed object')];
$isLive = !$job->status->isFinished();
?>
<p class="trail"><?= $isOfAStack ? '<a href="stacks.php">' . $t('My stacks') . '</a>' : '<a href="status.php">' . $t('My nights') . '</a>' ?></p>
<div id="live"<?= $isLive ? ' data-live' : '' ?>>
<h1><?= $isRescan ? $t('Rescan {id}: {object}', $object) : ($isOfAStack ? $t('Series {id}: {object}', $object) : $t('Job {id}: {object}', $object)) ?>
    <?= $partial('job_state', ['job' => $job]) ?></h1>
<?= $partial('job_progress', ['job' => $job]) ?>
<?php if ($change !== null && $job->mergedIntoId === null) : ?>
<p class="hint"><?= $partial('chunk_change', ['change' => $change, 'who' => $user->isAdmin() ? $change->actor : $t('An admin')]) ?></p>
<?php endif ?>
<?php if ($damagedAt !== null) : ?>
<?= $partial('stack_damage', ['damagedAt' => $damagedAt, 'job' => $job]) ?>
<?php endif ?>
<?php if ($stackId !== null) : ?>
<p class="actions"><a class="button" href="stack.php?id=<?= $e($stackId) ?>"><?= $t('See the stack') ?></a>
<?php if ($veil === null && $job->kind === JobKind::Stack) : ?>
    <a class="button second" href="job.php?id=<?= $e($job->id) ?>&amp;view=subs"><?= $t('How each sub did') ?></a>
<?php endif ?>
</p>
<?php endif ?>
<?= $partial('stack_zone', []) ?>
<?= $partial('job_actions', ['job' => $job, 'return' => '']) ?>
<?php if ($user->isAdmin() && $job->kind === JobKind::Stack) : ?>
<p class="actions small"><a class="button second" href="admin_chunks.php?job=<?= $e($job->id) ?>"><?= $t('Merge or split…') ?></a></p>
<?php endif ?>
<?php if ($user->isAdmin() && !$job->status->isFinished()) : ?>
<form class="inline" method="post" action="job.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="job_id" value="<?= $e($job->id) ?>">
    <label for="priority"><?= $t('Priority') ?></label>
    <input id="priority" name="priority" type="number" value="<?= $e($job->priority) ?>"
           min="<?= $e(JobAdmin::MIN_PRIORITY) ?>" max="<?= $e(JobAdmin::MAX_PRIORITY) ?>">
    <button class="second" name="action" value="priority"><?= $t('Set') ?></button>
</form>
<?php endif ?>
<h2><?= $t('About this job') ?></h2>
<dl class="facts-list">
    <dt><?= $t('Taken') ?></dt><dd><?= $e($veil !== null && $clock->isLocal ? Format::NONE : ChunkTime::of($texts, $job, $chunkMinutes)) // local time tells where somebody lives ?></dd>
    <dt><?= $t('Name of the chunk') ?></dt><dd><code><?= $e($job->chunkKey) ?></code> <span class="hint"><?= $t('day, number of the {n} minutes in it, place on the sky', ['n' => $chunkMinutes]) ?></span></dd>
    <dt><?= $t('Pointing') ?></dt><dd><?= $e(Figures::position($texts, $job->raDeg, $job->decDeg)) ?></dd>
    <dt><?= $t('Telescope') ?></dt><dd><?= $e($job->telescope ?? Format::NONE) ?></dd>
    <dt><?= $t('Filter') ?></dt><dd><?= $e($job->filterName ?? Format::NONE) ?></dd>
    <dt><?= $t('Exposure of a sub') ?></dt><dd><?= $e(Figures::seconds($texts, $job->exposureSeconds)) ?></dd>
<?php if ($clock->isLocal) : ?>
    <dt><?= $t('Times') ?></dt><dd><?= $t('local. Only workers that read local times take this job.') ?>
<?php if ($veil === null) : ?>
        <?= $clock->zone === null
            ? $t('Time zone: not known, <a href="account.php#zones">set it</a>.')
            : ($clock->isWithoutUtc ? $t('Time zone: {zone}, set later, <a href="account.php#zones">change it</a>.', ['zone' => $clock->zone]) : $t('Time zone: {zone}, <a href="account.php#zones">change it</a>.', ['zone' => $clock->zone])) ?>
<?php endif ?></dd>
<?php endif ?>
    <dt><?= $t('Queued') ?></dt><dd><?= $time($job->createdAt) ?></dd>
    <dt><?= $t('Tries') ?></dt><dd><?= $t('{n} so far, at most {most}', ['n' => $job->attempts, 'most' => $job->maxAttempts]) ?></dd>
    <dt><?= $t('Worker') ?></dt><dd><?= $e($job->workerName ?? Format::NONE) ?></dd>
</dl>
<h2><?= $t('What happened') ?></h2>
<?php if ($timeline !== null) : ?>
<?= $partial('job_timeline', ['timeline' => $timeline]) ?>
<?php else : ?>
<div class="scroll" role="region" aria-label="<?= $t('What happened') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('When') ?></th><th><?= $t('Who') ?></th><th><?= $t('What') ?></th><th><?= $t('Detail') ?></th></tr></thead>
    <tbody>
<?php foreach ($events as $event) : ?>
        <tr>
            <td data-label="<?= $t('When') ?>"><?= $time($event['at']) ?></td>
            <td data-label="<?= $t('Who') ?>"><?= $e(JobWords::actor($texts, $event['actor'], $user)) ?></td>
            <td data-label="<?= $t('What') ?>"><?= $e(JobWords::event($texts, $event['event'])) ?></td>
            <td class="long" data-label="<?= $t('Detail') ?>"><?= $e(JobWords::detail($texts, $event['detail'] ?? '')) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
</div>
<?php if (!$isRescan && $job->kind->resultCall() === null) : ?>
<details class="subs">
    <summary><?= $job->kind === JobKind::Uploaded ? $t('uploaded stack') : $t->count(count($subs), '{n} sub', '{n} subs') ?></summary>
    <div class="scroll" role="region" aria-label="<?= $t('Subs') ?>" tabindex="0">
    <table class="stacked">
        <thead><tr><th><?= $t('Number') ?></th><th><?= $t('File') ?></th><th><?= $t('Taken') ?></th><th class="number"><?= $t('Exposure') ?></th><th class="number"><?= $t('Size') ?></th></tr></thead>
        <tbody>
<?php foreach ($subs as $sub) : ?>
            <tr>
                <td data-label="<?= $t('Number') ?>"><?= $e((string) $sub['id']) ?></td>
                <td class="title" data-label="<?= $t('File') ?>"><?= $e($sub['filename']) ?></td>
<?php if (!str_starts_with($sub['header_clock'] ?? '', 'local')) : ?>
                <td data-label="<?= $t('Taken') ?>"><?= $time($sub['fits_date_obs']) ?></td>
<?php else : ?>
                <td data-label="<?= $t('Taken') ?>"><?= $veil === null ? $t('{time} local time', ['time' => $sub['fits_date_obs']]) : $e(Format::NONE) ?></td>
<?php endif ?>
                <td class="number" data-label="<?= $t('Exposure') ?>"><?= $e(Figures::seconds($texts, $sub['fits_exptime'])) ?></td>
                <td class="number" data-label="<?= $t('Size') ?>"><?= $sub['deleted_at'] === null ? $e(Figures::bytes($texts, $sub['file_size_bytes'])) : $t('{size} (removed)', ['size' => Figures::bytes($texts, $sub['file_size_bytes'])]) ?></td>
            </tr>
<?php endforeach ?>
        </tbody>
    </table>
    </div>
</details>
<?php endif ?>
<?= $isLive ? $partial('live', []) : '' ?>
