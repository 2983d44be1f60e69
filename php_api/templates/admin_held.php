<?php
/**
 * @var list<array{held: CrowdSky\Trust\HeldResult, object: ?string, status: CrowdSky\Jobs\JobStatus, owner: string, key: string}> $rows
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var CrowdSky\Pages\Pager $pager
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;

?>
<p class="trail"><a href="admin_workers.php">Workers</a></p>
<h1>Held results</h1>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<p>Results of volunteers that wait for a second opinion. The next worker that takes the job gives it; where two
    volunteers differ, a standard or trusted worker does. You can decide without one.</p>
<?php if ($rows === []) : ?>
<p class="empty">No result is waiting.</p>
<?php else : ?>
<div class="scroll" role="region" aria-label="Held results" tabindex="0">
<table class="stacked wide">
    <thead><tr><th>Job</th><th>Worker</th><th>Since</th><th>Figures</th><th>Differs</th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($rows as ['held' => $held, 'object' => $object, 'status' => $status, 'owner' => $owner, 'key' => $key]) : ?>
        <tr>
            <td data-label="Job"><a href="job.php?id=<?= $e($held->jobId) ?>"><?= $e($held->jobId) ?></a> <?= $e($object ?? 'Unnamed object') ?><br>
                <span class="hint"><?= $e($owner) ?>, <?= $e(Format::state($status->value)) ?></span></td>
            <td data-label="Worker"><?= $e($held->workerName) ?><br><span class="hint">key <?= $e($key) ?></span></td>
            <td data-label="Since"><?= $time($held->heldAt) ?></td>
            <td data-label="Figures"><?= $partial('held_figures', ['figures' => $held->figures]) ?></td>
            <td data-label="Differs"><?= $e($held->finding ?? Format::NONE) ?></td>
            <td>
                <form class="inline" method="post" action="admin_held.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="return" value="<?= $e($pager->address($pager->page)) ?>">
                    <input type="hidden" name="held_id" value="<?= $e($held->id) ?>">
                    <button name="action" value="accept">Accept</button>
                    <button class="second" name="action" value="reject">Reject</button>
                </form>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
