<?php
/**
 * @var ?CrowdSky\Jobs\JobStatus $status
 * @var array<string, int> $counts
 * @var list<array{job: CrowdSky\Jobs\Job, owner: string, veil: ?CrowdSky\Pages\Veil}> $rows
 * @var CrowdSky\Pages\Pager $pager
 * @var CrowdSky\Operations\QueueState $queue
 * @var list<string> $warnings what an admin has to put right at once
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var list<CrowdSky\Stacks\Stack> $damaged found latest first
 * @var int $nDamaged how many there are
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\JobAdmin;

$here = 'admin.php' . ($status === null ? '' : "?state={$status->value}");
?>
<h1>Queue</h1>
<?php foreach ($warnings as $warning) : ?>
<p class="problem" role="alert"><?= $e(ucfirst($warning)) ?>.</p>
<?php endforeach ?>
<?= $partial('stall_banner', ['queue' => $queue]) ?>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<?= $partial('damage_banner', ['damaged' => $damaged, 'nDamaged' => $nDamaged]) ?>
<nav class="tabs" aria-label="States">
    <a href="admin.php"<?= $status === null ? ' aria-current="true"' : '' ?>>all <span><?= $e(array_sum($counts)) ?></span></a>
<?php foreach ($counts as $name => $count) : ?>
    <a href="admin.php?state=<?= $e($name) ?>"<?= $status?->value === $name ? ' aria-current="true"' : '' ?>><?= $e(Format::state($name)) ?> <span><?= $e($count) ?></span></a>
<?php endforeach ?>
</nav>
<?php if ($rows === []) : ?>
<p class="empty">No job here. Jobs appear when somebody finishes an upload.</p>
<?php else : ?>
<div class="scroll" role="region" aria-label="Jobs" tabindex="0">
<table class="stacked wide">
    <thead><tr><th>Job</th><th>Chunk</th><th>Owner</th><th>State</th><th>Worker</th><th>Changed</th><th>Priority and actions</th></tr></thead>
    <tbody>
<?php foreach ($rows as ['job' => $job, 'owner' => $owner, 'veil' => $veil]) : ?>
        <tr>
            <td data-label="Job"><a href="job.php?id=<?= $e($job->id) ?>"><?= $e($job->id) ?></a></td>
            <td data-label="Chunk"><strong><?= $e(($job->userId === $user->id ? $job->objectName : CardTable::get()->publicText('OBJECT', $job->objectName)) ?? 'Unnamed object') ?></strong><br>
                <code><?= $e($job->chunkKey) ?></code><br>
                <span class="hint"><?= $e($job->material()) ?>, <?= $e(Format::bytes($job->totalBytes)) ?></span></td>
            <td data-label="Owner"><?= $e($owner) ?></td>
            <td data-label="State"><?= $partial('job_state', ['job' => $job]) ?>
                <span class="hint">run <?= $e($job->attempts) ?> of <?= $e($job->maxAttempts) ?></span>
<?php if ($job->nHeld > 0) : ?>
                <a class="hint" href="admin_held.php"><?= $e(Format::count($job->nHeld, 'held result', 'held results')) ?></a>
<?php endif ?>
                <?= $partial('job_progress', ['job' => $job, 'veil' => $veil]) ?></td>
            <td data-label="Worker"><?= $e($job->workerName ?? Format::NONE) ?></td>
            <td data-label="Changed"><?= $time($job->updatedAt) ?></td>
            <td>
<?php if (!$job->status->isFinished()) : ?>
                <form class="inline" method="post" action="job.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="job_id" value="<?= $e($job->id) ?>">
                    <input type="hidden" name="return" value="<?= $e($here) ?>">
                    <input name="priority" type="number" aria-label="Priority of job <?= $e($job->id) ?>" value="<?= $e($job->priority) ?>"
                           min="<?= $e(JobAdmin::MIN_PRIORITY) ?>" max="<?= $e(JobAdmin::MAX_PRIORITY) ?>">
                    <button class="second" name="action" value="priority">Set</button>
                </form>
<?php endif ?>
                <?= $partial('job_actions', ['job' => $job, 'return' => $here]) ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
