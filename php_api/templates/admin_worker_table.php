<?php
/**
 * @var list<CrowdSky\Pages\Admin\WorkerRow> $workers
 * @var string $order
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Admin\WorkerTable;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\StageWords;

$head = static fn (string $words, string $by): string => '<th' . ($order === $by ? ' aria-sort="' . ($by === WorkerTable::NAME ? 'ascending' : 'descending') . '"' : '') . '>'
    . "<a href=\"admin_workers.php?sort=$by\">$words</a></th>";
?>
<div class="scroll" role="region" aria-label="<?= $t('Workers') ?>" tabindex="0">
<table class="stacked wide workers">
    <thead><tr>
        <?= $head($t('Worker'), WorkerTable::NAME) ?><?= $head($t('Last seen'), WorkerTable::SEEN) ?>
        <th><?= $t('Works on') ?></th>
        <?= $head($t('Jobs'), WorkerTable::JOBS) ?><?= $head($t('Subs'), WorkerTable::FRAMES) ?>
        <th><?= $t('Half of its jobs take at most') ?></th>
        <?= $head($t('Failed tries in a week'), WorkerTable::FAILED) ?>
    </tr></thead>
    <tbody>
<?php foreach ($workers as $row) : ?>
<?php $worker = $row->worker ?>
        <tr>
            <td data-label="<?= $t('Worker') ?>"><a href="admin.php?<?= $e(http_build_query(['worker' => $row->name()])) ?>"><?= $e($row->name()) ?></a><br>
                <span class="hint"><?= $t('key {name}', ['name' => $worker['key_name']]) ?><?= $worker['revoked_at'] === null ? '' : ' (' . $t('revoked') . ')' ?><?= $row->lastAddress === null ? '' : ', ' . $t('from {address}', ['address' => $row->lastAddress]) ?><br>
                <?= $worker['version'] === null ? $t('version unknown') : $t('version {version}', ['version' => $worker['version']]) ?></span></td>
            <td data-label="<?= $t('Last seen') ?>"><?= $time($worker['last_seen_at']) ?><?= $row->isSilent ? ' <span class="hint">' . $t('silent') . '</span>' : '' ?></td>
            <td data-label="<?= $t('Works on') ?>">
<?= $row->running === [] ? $e(Format::NONE) : '' ?>
<?php foreach ($row->running as $job) : ?>
                <a href="job.php?id=<?= $e($job['id']) ?>"><?= $t('job {id}', ['id' => $job['id']]) ?></a> <span class="hint"><?= $e(StageWords::doing($texts, $job['stage'] ?? '')) ?></span>
<?php endforeach ?>
            </td>
            <td data-label="<?= $t('Jobs') ?>"><?= $t('{n} in a day', ['n' => $t->number($row->week->doneOfDay)]) ?><br><?= $t('{n} in a week', ['n' => $t->number($row->week->done)]) ?><br>
                <span class="hint"><?= $t('{n} in all', ['n' => $t->number((int) $worker['jobs_completed'])]) ?></span>
<?php if ($row->held > 0) : ?>
                <a class="hint" href="admin_held.php"><?= $t->count($row->held, '{n} held result', '{n} held results') ?></a>
<?php endif ?>
            </td>
            <td data-label="<?= $t('Subs') ?>"><?= $t('{n} in a day', ['n' => $t->number($row->week->framesOfDay)]) ?><br><?= $t('{n} in a week', ['n' => $t->number($row->week->frames)]) ?></td>
            <td data-label="<?= $t('Half of its jobs take at most') ?>">
<?php if ($row->stages === []) : ?>
                <span class="hint"><?= $t('not recorded') ?></span>
<?php else : ?>
                <ul class="stage-times">
<?php foreach ($row->stages as $step => $seconds) : ?>
                    <li><?= $e(StageWords::step($texts, (string) $step)) ?> <b><?= $e(Figures::seconds($texts, $seconds)) ?></b></li>
<?php endforeach ?>
                </ul>
<?php endif ?>
            </td>
            <td data-label="<?= $t('Failed tries in a week') ?>"><?= $row->week->failureShare() === null ? $e(Format::NONE) : $e($t->number(100 * $row->week->failureShare(), 1)) . ' %' ?><br>
                <span class="hint"><?= $t('{n} in all', ['n' => $t->number((int) $worker['jobs_failed'])]) ?></span></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
