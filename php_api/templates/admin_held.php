<?php
/**
 * @var list<array{held: CrowdSky\Trust\HeldResult, object: ?string, status: CrowdSky\Jobs\JobStatus, owner: string, key: string}> $rows
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var CrowdSky\Pages\Pager $pager
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Nights\JobWords;

?>
<p class="trail"><a href="admin_workers.php"><?= $t('Workers') ?></a></p>
<h1><?= $t('Held results') ?></h1>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<p><?= $t('Results of volunteers that wait for a second opinion. The next worker that takes the job gives it; where two volunteers differ, a standard or trusted worker does. You can decide without one.') ?></p>
<?php if ($rows === []) : ?>
<p class="empty"><?= $t('No result is waiting.') ?></p>
<?php else : ?>
<div class="scroll" role="region" aria-label="<?= $t('Held results') ?>" tabindex="0">
<table class="stacked wide">
    <thead><tr><th><?= $t('Job') ?></th><th><?= $t('Worker') ?></th><th><?= $t('Since') ?></th><th><?= $t('Figures') ?></th><th><?= $t('Differs') ?></th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($rows as ['held' => $held, 'object' => $object, 'status' => $status, 'owner' => $owner, 'key' => $key]) : ?>
        <tr>
            <td data-label="<?= $t('Job') ?>"><a href="job.php?id=<?= $e($held->jobId) ?>"><?= $e($held->jobId) ?></a> <?= $object === null ? $t('Unnamed object') : $e($object) ?><br>
                <span class="hint"><?= $e($owner) ?>, <?= $e(JobWords::status($texts, $status->value)) ?></span></td>
            <td data-label="<?= $t('Worker') ?>"><?= $e($held->workerName) ?><br><span class="hint"><?= $t('key {name}', ['name' => $key]) ?></span></td>
            <td data-label="<?= $t('Since') ?>"><?= $time($held->heldAt) ?></td>
            <td data-label="<?= $t('Figures') ?>"><?= $partial('held_figures', ['figures' => $held->figures]) ?></td>
            <td data-label="<?= $t('Differs') ?>"><?= $e($held->finding === null ? Format::NONE : $texts->repeat($held->finding)) ?></td>
            <td>
                <form class="inline" method="post" action="admin_held.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="return" value="<?= $e($pager->address($pager->page)) ?>">
                    <input type="hidden" name="held_id" value="<?= $e($held->id) ?>">
                    <button name="action" value="accept"><?= $t('Accept') ?></button>
                    <button class="second" name="action" value="reject"><?= $t('Reject') ?></button>
                </form>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
