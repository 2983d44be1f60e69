<?php
/**
 * The filters of the gallery; what they choose is kept in the address.
 *
 * @var CrowdSky\Pages\Gallery\GalleryForm $form
 * @var string $view
 * @var list<string> $telescopes
 * @var list<string> $filters
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
$option = static fn (string $value, string $label, string $chosen): string
    => '<option value="' . $value . '"' . ($value === $chosen ? ' selected' : '') . ">$label</option>";
$orders = ['' => $t('Newest first'), 'oldest' => $t('Oldest first'), 'longest' => $t('Longest exposure first'), 'sharpest' => $t('Sharpest stars first')];
$more = array_filter(array_map($form->get(...), ['telescope', 'filter', 'minutes', 'seeing', 'solved', 'order']));
?>
<form class="stack-filters" id="filters" method="get" action="stacks.php" role="search">
<?php foreach (['of', 'view'] as $name) : ?>
<?php if ($form->get($name) !== '') : ?>
    <input type="hidden" name="<?= $e($name) ?>" value="<?= $e($form->get($name)) ?>">
<?php endif ?>
<?php endforeach ?>
    <p class="search"><label for="f-object"><?= $t('Object') ?></label>
        <input id="f-object" name="object" type="search" maxlength="100" list="objects" value="<?= $e($form->get('object')) ?>" placeholder="<?= $t('M 31, Andromeda Galaxy, NGC 224') ?>">
        <datalist id="objects"></datalist></p>
    <p><label for="f-from"><?= $t('From') ?></label><input id="f-from" name="from" type="date" value="<?= $e($form->get('from')) ?>"></p>
    <p><label for="f-to"><?= $t('Until') ?></label><input id="f-to" name="to" type="date" value="<?= $e($form->get('to')) ?>"></p>
    <details class="more-filters"<?= $more === [] ? '' : ' open' ?>>
        <summary><?= $t('More filters') ?></summary>
        <div>
            <p><label for="f-telescope"><?= $t('Telescope') ?></label>
                <input id="f-telescope" name="telescope" maxlength="100" list="telescopes" value="<?= $e($form->get('telescope')) ?>">
                <datalist id="telescopes">
<?php foreach ($telescopes as $telescope) : ?>
                    <option value="<?= $e($telescope) ?>"></option>
<?php endforeach ?>
                </datalist></p>
            <p><label for="f-filter"><?= $t('Filter') ?></label>
                <input id="f-filter" name="filter" maxlength="100" list="known-filters" value="<?= $e($form->get('filter')) ?>">
                <datalist id="known-filters">
<?php foreach ($filters as $filter) : ?>
                    <option value="<?= $e($filter) ?>"></option>
<?php endforeach ?>
                </datalist></p>
            <p><label for="f-minutes"><?= $t('Exposure of at least') ?></label>
                <span class="unit"><input id="f-minutes" name="minutes" inputmode="decimal" maxlength="8" value="<?= $e($form->get('minutes')) ?>"> min</span></p>
            <p><label for="f-seeing"><?= $t('Stars no wider than') ?></label>
                <span class="unit"><input id="f-seeing" name="seeing" inputmode="decimal" maxlength="8" value="<?= $e($form->get('seeing')) ?>"> ″</span></p>
            <p><label for="f-solved"><?= $t('Position in the sky') ?></label>
                <select id="f-solved" name="solved">
                    <?= $option('', $t('any'), $form->get('solved')) ?>
                    <?= $option('1', $t('solved'), $form->get('solved')) ?>
                    <?= $option('0', $t('not solved'), $form->get('solved')) ?>
                </select></p>
            <p><label for="f-order"><?= $t('Order') ?></label>
                <select id="f-order" name="order">
<?php foreach ($orders as $value => $label) : ?>
                    <?= $option($value, $label, $form->get('order')) ?>
<?php endforeach ?>
                </select></p>
        </div>
    </details>
    <p class="send"><button><?= $t('Find') ?></button>
        <a href="stacks.php?<?= $e(http_build_query(array_filter(['of' => $form->get('of'), 'view' => $form->get('view')]))) ?>"><?= $t('Show all') ?></a></p>
</form>
