<?php
/**
 * The queue of the whole site. One form holds the table, so that what is done with the chosen jobs works without scripts.
 *
 * @var CrowdSky\Jobs\QueueFilter $filter
 * @var array<string, int> $counts
 * @var int $total how many jobs the filter shows
 * @var list<array{job: CrowdSky\Jobs\Job, owner: string, veil: ?CrowdSky\Pages\Veil}> $rows
 * @var CrowdSky\Pages\Pager $pager
 * @var CrowdSky\Operations\QueueState $queue
 * @var list<string> $warnings what an admin has to put right at once
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var list<CrowdSky\Stacks\Stack> $damaged found latest first
 * @var int $nDamaged how many there are
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Bulk\BulkRuns;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\JobWords;

$tab = static fn (?string $state): string => 'admin.php?' . http_build_query(array_filter(['state' => $state] + $filter->toQuery()));
$any = $filter->inAnyState()->toQuery();
$fields = ['owner' => $t('Owner'), 'object' => $t('Object'), 'worker' => $t('Worker'), 'error' => $t('Error')];
$kindNames = [
    'stack' => $t('Stacking'),
    'rescan' => $t('Measuring again'),
    'uploaded' => $t('Uploaded stack'),
    'hips' => $t('Sky tiles'),
    'calibrate' => $t('Calibrating'),
    'series' => $t('Series'),
    'hats' => $t('Export'),
];
?>
<h1><?= $t('Queue') ?></h1>
<p><a href="admin_chunks.php"><?= $t('Chunks by hand') ?></a></p>
<?= $partial('warnings_banner', ['warnings' => $warnings]) ?>
<?= $partial('stall_banner', ['queue' => $queue]) ?>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<?= $partial('damage_banner', ['damaged' => $damaged, 'nDamaged' => $nDamaged]) ?>
<form class="queue-filter" method="get" action="admin.php" role="search" aria-label="<?= $t('Jobs') ?>">
<?php if ($filter->status !== null) : ?>
    <input type="hidden" name="state" value="<?= $e($filter->status->value) ?>">
<?php endif ?>
<?php foreach ($fields as $name => $label) : ?>
    <label><?= $label ?> <input name="<?= $e($name) ?>" value="<?= $e($filter->texts[$name] ?? '') ?>" maxlength="100"></label>
<?php endforeach ?>
    <label><?= $t('Kind') ?> <select name="kind"><option value=""><?= $t('every kind') ?></option>
<?php foreach ($kindNames as $kind => $label) : ?>
        <option value="<?= $e($kind) ?>"<?= $filter->kind?->value === $kind ? ' selected' : '' ?>><?= $label ?></option>
<?php endforeach ?>
    </select></label>
    <label><?= $t('Unchanged for hours') ?> <input type="number" name="hours" min="1" value="<?= $e($filter->hours) ?>"></label>
    <button class="second"><?= $t('Show these') ?></button>
<?php if ($any !== []) : ?>
    <a href="admin.php<?= $filter->status === null ? '' : '?state=' . $e($filter->status->value) ?>"><?= $t('Show all') ?></a>
<?php endif ?>
</form>
<nav class="tabs" aria-label="<?= $t('States') ?>">
    <a href="<?= $e($tab(null)) ?>"<?= $filter->status === null ? ' aria-current="true"' : '' ?>><?= $t('all') ?> <span><?= $t->number(array_sum($counts)) ?></span></a>
<?php foreach ($counts as $name => $count) : ?>
    <a href="<?= $e($tab($name)) ?>"<?= $filter->status?->value === $name ? ' aria-current="true"' : '' ?>><?= $e(JobWords::status($texts, $name)) ?> <span><?= $t->number($count) ?></span></a>
<?php endforeach ?>
</nav>
<?php if ($rows === []) : ?>
<p class="empty"><?= $any === [] ? $t('No job here. Jobs appear when somebody finishes an upload.') : $t('No job fits these choices.') ?></p>
<?php else : ?>
<form method="post" action="admin.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="return" value="<?= $e($pager->address($pager->page)) ?>">
<?php foreach ($filter->toQuery() as $name => $value) : ?>
    <input type="hidden" name="<?= $e($name) ?>" value="<?= $e($value) ?>">
<?php endforeach ?>
<fieldset class="bulk"><legend><?= $t('Do with the chosen jobs') ?></legend>
    <button class="second" name="action" value="requeue"><?= $t('Try again') ?></button>
    <button class="second" name="action" value="cancel"><?= $t('Cancel') ?></button>
    <label><?= $t('Priority') ?> <input name="priority" type="number" value="0" min="<?= $e(JobAdmin::MIN_PRIORITY) ?>" max="<?= $e(JobAdmin::MAX_PRIORITY) ?>"></label>
    <button class="second" name="action" value="priority"><?= $t('Set') ?></button>
    <button class="second" name="action" value="rescan"><?= $t('Measure again') ?></button>
    <label><input type="checkbox" name="all" value="1"> <?= $total > BulkRuns::MOST
        ? $t('the first {most} of all {n} that are shown here', ['most' => $t->number(BulkRuns::MOST), 'n' => $t->number($total)])
        : $t('all {n} that are shown here and on further pages', ['n' => $t->number($total)]) ?></label>
</fieldset>
<div class="scroll" role="region" aria-label="<?= $t('Jobs') ?>" tabindex="0">
<table class="stacked wide">
    <thead><tr><th><?= $t('Choose') ?></th><th><?= $t('Job') ?></th><th><?= $t('Chunk') ?></th><th><?= $t('Owner') ?></th><th><?= $t('State') ?></th><th><?= $t('Worker') ?></th><th><?= $t('Changed') ?></th><th><?= $t('Actions') ?></th></tr></thead>
    <tbody>
<?php foreach ($rows as ['job' => $job, 'owner' => $owner, 'veil' => $veil]) : ?>
        <tr>
            <td data-label="<?= $t('Choose') ?>"><input type="checkbox" name="jobs[]" value="<?= $e($job->id) ?>" aria-label="<?= $t('Job {id}', ['id' => $job->id]) ?>"></td>
            <td data-label="<?= $t('Job') ?>"><a href="job.php?id=<?= $e($job->id) ?>"><?= $e($job->id) ?></a>
                <span class="hint"><?= $job->kind === JobKind::Stack ? '' : $kindNames[$job->kind->value] ?? $e($job->kind->value) ?></span></td>
            <td data-label="<?= $t('Chunk') ?>"><strong><?= $e(($job->userId === $user->id ? $job->objectName : CardTable::get()->publicText('OBJECT', $job->objectName)) ?? $texts->say('Unnamed object')) ?></strong><br>
                <code><?= $e($job->chunkKey) ?></code><br>
                <span class="hint"><?= $e(JobWords::material($texts, $job)) ?>, <?= $e(Figures::bytes($texts, $job->totalBytes)) ?></span>
<?php if ($job->kind === JobKind::Stack) : ?>
                <a class="hint" href="admin_chunks.php?job=<?= $e($job->id) ?>"><?= $t('Merge or split…') ?></a>
<?php endif ?></td>
            <td data-label="<?= $t('Owner') ?>"><?= $e($owner) ?></td>
            <td data-label="<?= $t('State') ?>"><?= $partial('job_state', ['job' => $job]) ?>
                <span class="hint"><?= $t('run {n} of {most}', ['n' => $job->attempts, 'most' => $job->maxAttempts]) ?><?= $job->priority === 0 ? '' : ', ' . $t('priority {n}', ['n' => $job->priority]) ?></span>
<?php if ($job->nHeld > 0) : ?>
                <a class="hint" href="admin_held.php"><?= $t->count($job->nHeld, '{n} held result', '{n} held results') ?></a>
<?php endif ?>
                <?= $partial('job_progress', ['job' => $job, 'veil' => $veil]) ?></td>
            <td data-label="<?= $t('Worker') ?>"><?= $e($job->workerName ?? Format::NONE) ?></td>
            <td data-label="<?= $t('Changed') ?>"><?= $time($job->updatedAt) ?></td>
            <td data-label="<?= $t('Actions') ?>"><div class="actions small">
<?php if (in_array($job->status, [JobStatus::Failed, JobStatus::Cancelled, JobStatus::Retry], true)) : ?>
                <button class="second" name="one" value="requeue <?= $e($job->id) ?>"><?= $t('Try again') ?></button>
<?php endif ?>
<?php if (!$job->status->isFinished()) : ?>
                <button class="second" name="one" value="cancel <?= $e($job->id) ?>"><?= $t('Cancel') ?></button>
<?php endif ?>
            </div></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
</form>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
